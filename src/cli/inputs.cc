#include "cli/inputs.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "analyze/pprof/labels.h"
#include "app/remote.h"
#include "app/session.h"
#include "base/duration.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/terminal.h"
#include "decode/decoder.h"

namespace gopsy::cli {
namespace {

// "512M", "2GiB", "4096": binary units.
std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto number = consume_decimal(text);
  if (!number) return std::nullopt;
  consume(text, " ");
  unsigned shift = 0;
  for (const auto& [letter, bits] :
       {std::pair{"K", 10u}, std::pair{"M", 20u}, std::pair{"G", 30u}, std::pair{"T", 40u}})
    if (consume(text, letter)) shift = bits;
  if (!consume(text, "iB")) consume(text, "B");
  if (!text.empty() || *number > (UINT64_MAX >> shift)) return std::nullopt;
  return *number << shift;
}

// What --by does to each profile.
class LabelGroups {
 public:
  explicit LabelGroups(std::string keys) : text_(std::move(keys)) {
    for (const std::string_view key : split(text_, ','))
      if (!key.empty()) keys_.push_back(key);
  }

  void group(model::Profile& profile, model::Symbols& symbols) {
    if (keys_.empty()) return;
    for (std::string& key : pprof::label_keys(profile, symbols)) there_.insert(std::move(key));
    found_ |= pprof::group_by_labels(profile, keys_, symbols);
  }

  void say_what_is_missing() const {
    if (keys_.empty() || found_) return;
    const std::string keys = join({there_.begin(), there_.end()}, ", ");
    print_error(fmt::format("--by {}: no sample has such a label; {}", text_,
                            keys.empty() ? std::string("there are none at all") : "there are: " + keys));
  }

 private:
  std::string text_;
  std::vector<std::string_view> keys_;
  std::set<std::string> there_;
  bool found_ = false;
};

// A number of seconds or looks a second, at most a day or a thousand.
std::optional<double> positive_number(const std::string& text, double most) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value > 0) || value > most) return std::nullopt;
  return value;
}

bool read_sampling(const Invocation& invocation, app::LoadOptions& options) {
  constexpr double kMostSeconds = 86'400;
  constexpr double kMostHertz = 1000;
  options.sampling.emplace().executable = options.executable;
  const auto seconds = positive_number(invocation.get("seconds"), kMostSeconds);
  const auto hertz = invocation.has("hertz") ? positive_number(invocation.get("hertz"), kMostHertz) : 10.0;
  if (!seconds || !hertz) {
    print_error(seconds ? fmt::format("--hertz {}: write a number up to 1000", invocation.get("hertz"))
                        : fmt::format("--seconds {}: write a number, as in 10 or 0.5", invocation.get("seconds")));
    return false;
  }
  options.sampling->length_ns = static_cast<std::int64_t>(*seconds * 1e9);
  options.sampling->hertz = *hertz;
  return true;
}

}  // namespace

std::string threshold_of(const Invocation& invocation, std::int64_t& threshold_ns) {
  if (!invocation.has("threshold")) return {};
  const auto ns = parse_duration(invocation.get("threshold"));
  if (!ns || *ns <= 0)
    return fmt::format("--threshold {}: it is a duration such as 10ms, 1.5s or 500us", invocation.get("threshold"));
  threshold_ns = *ns;
  return {};
}

namespace {

bool load(app::LoadOptions options, const Invocation& invocation, const std::vector<std::string>& operands,
          const std::function<bool(model::Evidence&)>& take, model::Incident& incident, Stats& stats) {
  LabelGroups groups(invocation.get("by"));
  options.take = [&](model::Evidence& evidence) {
    if (evidence.profile) groups.group(*evidence.profile, incident.symbols);
    return take && take(evidence);
  };
  options.format = invocation.get("format");
  if (!options.format.empty() && decode::find_decoder(options.format) == nullptr) {
    print_error(fmt::format("--format {}: no such format; `gopsy formats` lists them", options.format));
    return false;
  }
  options.executable = invocation.get("exe");
  if (invocation.has("pid")) {
    const auto pid = parse_decimal(invocation.get("pid"));
    if (!pid || *pid == 0 || *pid > INT32_MAX) {
      print_error(fmt::format("--pid {}: not the number of a process", invocation.get("pid")));
      return false;
    }
    options.pids.push_back(static_cast<std::uint32_t>(*pid));
  }
  if (invocation.has("seconds") && !read_sampling(invocation, options)) return false;
  if (invocation.has("max-bytes")) {
    const auto bytes = parse_bytes(invocation.get("max-bytes"));
    if (!bytes) {
      print_error(fmt::format("--max-bytes {}: not a size; write 4096, 512M or 2G", invocation.get("max-bytes")));
      return false;
    }
    options.limits.max_inflated_bytes = *bytes;
    options.limits.max_bomb_bytes = *bytes;
  }
  if (const std::string mistake = threshold_of(invocation, options.trace.threshold_ns); !mistake.empty()) {
    print_error(mistake);
    return false;
  }
  options.fetch = app::fetcher(options.limits.max_inflated_bytes);
  Progress progress;
  options.on_piece = [&progress](const std::string& path) { progress.show(path); };
  app::load(operands, options, incident, stats);
  groups.say_what_is_missing();
  return true;
}

}  // namespace

bool load_inputs(const Invocation& invocation, model::Incident& incident, Stats& stats) {
  return load({}, invocation, invocation.operands, {}, incident, stats);
}

bool load_inputs(const Invocation& invocation, const std::vector<std::string>& operands,
                 const std::function<bool(model::Evidence&)>& take, model::Incident& incident, Stats& stats) {
  return load({}, invocation, operands, take, incident, stats);
}

bool load_for_findings(const Invocation& invocation, model::Incident& incident, Stats& stats) {
  return load({.trace = {}}, invocation, invocation.operands, {}, incident, stats);
}

void print_stats(const Invocation& invocation, const Stats& stats) {
  if (!invocation.has("stats")) return;
  const std::string text = stats.text();
  std::fwrite(text.data(), 1, text.size(), stderr);
}

int exit_for_inputs(const model::Incident& incident) {
  const bool failed = std::ranges::any_of(incident.unreadable, [](const auto& row) { return !row.empty; });
  if (failed) return kUsage;
  return incident.evidence.empty() ? kInconclusive : kDone;
}

}  // namespace gopsy::cli
