#include "app/pprof/gather.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "analyze/merge.h"
#include "app/pprof/binaries.h"
#include "app/session.h"
#include "base/format.h"

namespace gopsy::pprof {
namespace {

using Failed = std::unexpected<std::string>;

class Gatherer {
 public:
  Gatherer(const Source& source, model::Symbols& symbols, const Notice& notice)
      : source_(source), symbols_(symbols), notice_(notice) {}

  std::expected<model::Profile, std::string> all(const std::vector<std::string>& names, std::string_view kind) {
    sum_.emplace(symbols_, analyze::MergeOptions{.pprof_exact = true});
    for (const std::string& name : names) {
      if (auto read = one(name); !read) return Failed(read.error());
    }
    if (count_ == 0) return Failed(fmt::format("failed to fetch any {} profiles", kind));
    if (count_ != names.size()) notice_(fmt::format("Fetched {} {} profiles out of {}", count_, kind, names.size()));
    if (!merging_) return *std::exchange(first_, std::nullopt);
    return sum_->finish();
  }

 private:
  std::expected<void, std::string> one(const std::string& name) {
    model::Incident incident;
    std::swap(incident.symbols, symbols_);
    Stats stats;
    app::load({name}, {.otherwise = "pprof"}, incident, stats);
    std::swap(incident.symbols, symbols_);
    for (const auto& refused : incident.unreadable)
      notice_(fmt::format("{}: {}", refused.path, refused.empty ? "it is empty" : refused.message));
    bool any = false;
    for (auto& evidence : incident.evidence) {
      for (const auto& counts : evidence.counts)
        for (const auto& skipped : counts.skipped)
          notice_(fmt::format("{}: {} of {} {} left out: {}", evidence.path, skipped.count, counts.read, counts.what,
                              skipped.reason));
      if (!evidence.profile) continue;
      if (!evidence.cut.empty()) notice_(fmt::format("{}: {}", evidence.path, evidence.cut));
      any = true;
      if (auto added = add(*std::move(evidence.profile)); !added) return added;
    }
    if (any) {
      ++count_;
    } else if (incident.unreadable.empty()) {
      notice_(fmt::format("{}: there is no profile in it", name));
    }
    return {};
  }

  // The first waits: if it stays alone, it is not merged.
  std::expected<void, std::string> add(model::Profile profile) {
    locate_binaries(profile, source_, symbols_, notice_);
    if (!merging_ && !first_) {
      first_ = std::move(profile);
      return {};
    }
    if (!merging_) {
      merging_ = true;
      if (auto merged = merge(*std::exchange(first_, std::nullopt)); !merged) return merged;
    }
    return merge(profile);
  }

  std::expected<void, std::string> merge(const model::Profile& profile) {
    if (const auto added = sum_->add(profile); !added) return Failed(message(added.error()));
    return {};
  }

  const Source& source_;
  model::Symbols& symbols_;
  const Notice& notice_;
  std::optional<analyze::Merger> sum_;
  std::optional<model::Profile> first_;
  bool merging_ = false;
  std::size_t count_ = 0;
};

}  // namespace

std::expected<model::Profile, std::string> gather(const Source& source, model::Symbols& symbols, const Notice& notice) {
  auto profile = Gatherer(source, symbols, notice).all(source.sources, "source");
  if (!profile || source.base.empty()) return profile;
  auto base = Gatherer(source, symbols, notice).all(source.base, "base");
  if (!base) return base;
  if (source.diff_base) analyze::set_label(*base, symbols.intern("pprof::base"), symbols.intern("true"));
  if (source.normalize) {
    if (const auto normalized = analyze::normalize(*profile, *base); !normalized)
      return Failed(message(normalized.error()));
  }
  analyze::negate(*base);
  analyze::Merger sum(symbols, {.pprof_exact = true});
  for (const model::Profile* part : {&*profile, &*base}) {
    if (const auto added = sum.add(*part); !added) return Failed(message(added.error()));
  }
  return sum.finish();
}

}  // namespace gopsy::pprof
