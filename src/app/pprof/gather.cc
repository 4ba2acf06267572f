#include "app/pprof/gather.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "analyze/merge.h"
#include "app/pprof/binaries.h"
#include "app/pprof/fetch.h"
#include "app/session.h"
#include "base/format.h"

namespace gopsy::pprof {
namespace {

using Failed = std::unexpected<std::string>;

class Gatherer {
 public:
  Gatherer(const Source& source, model::Symbols& symbols, const Notice& notice)
      : source_(source), symbols_(symbols), notice_(notice) {}

  // `fetched` has a place for each name.
  std::expected<Gathered, std::string> all(const std::vector<std::string>& names,
                                           std::span<std::optional<Fetched>> fetched, std::string_view kind) {
    sum_.emplace(symbols_, analyze::MergeOptions{.pprof_exact = true});
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (auto read = one(names[i], fetched[i] ? &*fetched[i] : nullptr); !read) return Failed(read.error());
    }
    if (count_ == 0) return Failed(fmt::format("failed to fetch any {} profiles", kind));
    if (count_ != names.size()) notice_(fmt::format("Fetched {} {} profiles out of {}", count_, kind, names.size()));
    out_.profile = merging_ ? sum_->finish() : *std::exchange(first_, std::nullopt);
    return std::move(out_);
  }

 private:
  std::expected<void, std::string> one(const std::string& name, Fetched* fetched) {
    model::Incident incident;
    std::swap(incident.symbols, symbols_);
    Stats stats;
    app::LoadOptions options{.otherwise = "pprof"};
    // Each body goes when it is read.
    if (fetched != nullptr)
      options.fetch = [&](const std::string&) { return std::optional(std::move(fetched->bytes)); };
    app::load({name}, options, incident, stats);
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
      if (auto added = add(*std::move(evidence.profile), fetched); !added) return added;
    }
    if (any) {
      ++count_;
    } else if (incident.unreadable.empty()) {
      notice_(fmt::format("{}: there is no profile in it", name));
    }
    return {};
  }

  // The first waits: if it stays alone, it is not merged.
  std::expected<void, std::string> add(model::Profile profile, const Fetched* fetched) {
    locate_binaries(profile, source_, symbols_, notice_);
    if (fetched != nullptr) {
      note_sources(profile, symbols_, fetched->url, out_.sources);
      out_.fetched = true;
    }
    if (!merging_ && !first_) {
      first_ = std::move(profile);
      return {};
    }
    if (!merging_) {
      merging_ = true;
      analyze::keep_types(*first_, profile.types);
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
  Gathered out_;
  bool merging_ = false;
  std::size_t count_ = 0;
};

}  // namespace

std::expected<Gathered, std::string> gather(const Source& source, model::Symbols& symbols, const Notice& notice) {
  // Sources and bases at once: both may be a while of the same process.
  std::vector<std::string> names = source.sources;
  names.insert(names.end(), source.base.begin(), source.base.end());
  auto fetched = fetch_remote(names, source, notice);
  const auto bodies = std::span(fetched);
  const std::size_t count = source.sources.size();
  auto gathered = Gatherer(source, symbols, notice).all(source.sources, bodies.first(count), "source");
  if (!gathered || source.base.empty()) return gathered;
  auto base = Gatherer(source, symbols, notice).all(source.base, bodies.subspan(count), "base");
  if (!base) return base;
  if (source.diff_base) analyze::set_label(base->profile, symbols.intern("pprof::base"), symbols.intern("true"));
  if (source.normalize) {
    if (const auto normalized = analyze::normalize(gathered->profile, base->profile); !normalized)
      return Failed(message(normalized.error()));
  }
  analyze::negate(base->profile);
  analyze::keep_types(gathered->profile, base->profile.types);
  analyze::Merger sum(symbols, {.pprof_exact = true});
  for (const Gathered* part : {&*gathered, &*base}) {
    if (const auto added = sum.add(part->profile); !added) return Failed(message(added.error()));
  }
  gathered->profile = sum.finish();
  gathered->fetched = gathered->fetched || base->fetched;
  for (auto& [key, some] : base->sources) {
    auto& all = gathered->sources[key];
    all.insert(all.end(), some.begin(), some.end());
  }
  return gathered;
}

}  // namespace gopsy::pprof
