#include "cli/profiles.h"

#include "analyze/diff.h"
#include "base/format.h"
#include "cli/inputs.h"
#include "cli/terminal.h"
#include "io/deflate.h"
#include "render/profile/profile_writer.h"

namespace gopsy::cli {
namespace {

class Collector {
 public:
  Collector(Profiles& profiles, analyze::Merger& merger) : profiles_(profiles), merger_(merger) {}

  // Takes whatever has a profile.
  bool take(model::Evidence& evidence) {
    if (!evidence.profile) return false;
    ++profiles_.count;
    if (profiles_.count == 1) {
      profiles_.title =
          evidence.process.empty() ? evidence.kind : fmt::format("{}: {}", evidence.process, evidence.kind);
      profiles_.sum = std::move(evidence.profile);
      return true;
    }
    // The first one waits: alone it is not merged, and so written as it was.
    if (!merging_) {
      merging_ = true;
      refused_ |= !merger_.add(*profiles_.sum);
      profiles_.sum.reset();
    }
    if (const auto added = merger_.add(*evidence.profile); !added) {
      print_error(fmt::format("{}: left out: {}", evidence.path, message(added.error())));
      refused_ = true;
    }
    return true;
  }

  void finish() {
    if (!merging_) return;
    if (merger_.saturated()) print_error("a sum met the limit of 64 bits and stayed there");
    profiles_.sum = merger_.finish();
  }

  [[nodiscard]] bool refused() const { return refused_; }

 private:
  Profiles& profiles_;
  analyze::Merger& merger_;
  bool merging_ = false;
  bool refused_ = false;
};

}  // namespace

std::optional<Profiles> load_profiles(const Invocation& invocation, const std::vector<std::string>& operands,
                                      analyze::MergeOptions options, model::Incident& incident, Stats& stats) {
  Profiles profiles;
  analyze::Merger merger(incident.symbols, options);
  Collector collector(profiles, merger);
  const std::size_t unreadable = incident.unreadable.size();
  const std::size_t without = incident.evidence.size();
  if (!load_inputs(
          invocation, operands, [&](model::Evidence& evidence) { return collector.take(evidence); }, incident, stats))
    return std::nullopt;
  for (std::size_t i = unreadable; i < incident.unreadable.size(); ++i)
    print_error(fmt::format("{}: {}", incident.unreadable[i].path, incident.unreadable[i].message));
  for (std::size_t i = without; i < incident.evidence.size(); ++i)
    print_error(fmt::format("{}: it has no profile in it ({})", incident.evidence[i].path, incident.evidence[i].kind));
  collector.finish();
  if (collector.refused()) incident.unreadable.push_back({.path = {}, .message = {}});
  return profiles;
}

int exit_for_profiles(const Profiles& profiles, const model::Incident& incident) {
  if (!profiles.sum && !incident.evidence.empty()) return kUsage;
  if (profiles.sum && exit_for_inputs(incident) == kInconclusive) return kDone;
  return exit_for_inputs(incident);
}

int write_profile(const Invocation& invocation, const Profiles& profiles, model::Incident& incident, Stats& stats) {
  const std::string output = invocation.has("output") ? invocation.get("output") : "-";
  std::string_view name = output;
  const bool compressed = name.ends_with(".gz");
  const bool plain = name.ends_with(".pb");
  const render::ProfileWriter* writer = nullptr;
  if (invocation.has("to")) {
    writer = render::find_profile_writer(invocation.get("to"));
  } else {
    writer = render::profile_writer_for_path(name);
    if (writer == nullptr && compressed) writer = render::profile_writer_for_path(name.substr(0, name.size() - 3));
    if (writer == nullptr && (plain || output == "-")) writer = render::find_profile_writer("pprof");
  }
  if (writer == nullptr) {
    print_error(fmt::format("{}: the name does not say which form to write; add --to FORM", output));
    return kUsage;
  }
  const bool binary = writer->gzip || writer->name == "otlp";
  if (output == "-" && binary && stdout_is_terminal()) {
    print_error(fmt::format("{} is no text for a terminal; write it to a file with -o", writer->name));
    return kUsage;
  }
  const model::Profile& profile = *profiles.sum;
  const std::size_t column = analyze::find_column(profile, invocation.get("sample-index"), incident.symbols);
  if (column >= profile.types.size()) {
    print_error(fmt::format("--sample-index {}: the profile has no such value", invocation.get("sample-index")));
    return kUsage;
  }
  std::string out;
  {
    Stats::Timer timer(stats, "write");
    out = writer->write({.profile = profile, .symbols = incident.symbols, .title = profiles.title, .column = column});
  }
  if (compressed || (writer->gzip && !plain)) {
    Stats::Timer timer(stats, "deflate");
    auto packed = io::gzip(out);
    if (!packed) {
      print_error(message(packed.error()));
      return kUsage;
    }
    out = *std::move(packed);
  }
  if (!write_output(output, out)) return kUsage;
  print_stats(invocation, stats);
  return exit_for_profiles(profiles, incident);
}

}  // namespace gopsy::cli
