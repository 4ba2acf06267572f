#include "decode/perf/perf_script.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/text.h"
#include "decode/perf/columns.h"
#include "decode/perf/script_lines.h"
#include "decode/profile_builder.h"
#include "decode/version_marks.h"

namespace gopsy::decode {
namespace {

// Deeper than compilers inline, few enough that the lines of one location stay few.
constexpr std::uint32_t kMostInlined = 32;

class Reader {
 public:
  Reader(model::Profile& profile, model::Symbols& symbols) : profile_(profile), symbols_(symbols), builder_(profile) {}

  void read(std::string_view text) {
    LineReader lines(text);
    while (lines.next()) {
      const std::string_view line = lines.line();
      if (trim(line).empty()) {
        // Some tools put an empty line between a sample's head and its frames.
        if (!frames_.empty()) close();
      } else if (line[0] != '#') {
        take(line);
      }
    }
    close();
    if (last_ns_ > first_ns_) profile_.duration_ns = last_ns_ - first_ns_;
    columns_.finish(profile_, symbols_);
    for (auto& mapping : profile_.mappings) mapping.has_functions = true;
    program_first(profile_, symbols_, sampled_);
  }

  std::vector<model::Counts> take_counts() {
    std::vector<model::Counts> all{std::move(counts_)};
    if (strange_lines_ != 0) {
      all.push_back({.what = "lines outside the grammar", .read = strange_lines_});
      all.back().skip("neither a sample nor a frame", strange_lines_);
    }
    return all;
  }

 private:
  struct Frame {
    ScriptFrame frame;
    ScriptPlace place;
  };

  void take(std::string_view line) {
    const bool indented = line[0] == ' ' || line[0] == '\t';
    if (indented && open_) {
      if (const auto frame = parse_script_frame(line); frame && !is_event_with_time(line)) {
        frames_.push_back({.frame = *frame, .place = {}});
        return;
      }
      if (const auto place = frames_.empty() ? std::nullopt : parse_script_place(line)) {
        frames_.back().place = *place;
        return;
      }
    }
    if (record(line)) return;
    if (const auto event = parse_script_event(line)) return open(*event);
    // `-F ip,sym` prints frames only.
    if (const auto frame = parse_script_frame(line); frame && indented && !open_) {
      open({.comm = {}, .time_ns = {}, .period = {}, .event = "samples", .rest = {}});
      frames_.push_back({.frame = *frame, .place = {}});
      return;
    }
    ++strange_lines_;
  }

  // An event of a process whose name is a hexadecimal number looks like a frame at first.
  static bool is_event_with_time(std::string_view line) {
    if (!line.contains(": ")) return false;
    const auto event = parse_script_event(line);
    return event && event->time_ns;
  }

  // "… PERF_RECORD_LOST lost 15": a line of --show-lost-events and its kin is no sample.
  bool record(std::string_view line) {
    const auto at = line.find("PERF_RECORD_");
    if (at == std::string_view::npos) return false;
    close();
    line.remove_prefix(at);
    if (line.starts_with("PERF_RECORD_LOST")) {
      if (!consume_until(line, "lost ")) return true;
      const std::uint64_t lost = std::min<std::uint64_t>(consume_decimal(line).value_or(0), UINT32_MAX);
      if (lost == 0) return true;
      counts_.read += lost;
      counts_.skip("lost by perf itself: the reader was too slow", lost);
    }
    return true;
  }

  void open(const ScriptEvent& event) {
    close();
    open_ = true;
    event_ = event;
    if (const auto frame = parse_script_frame(event.rest);
        frame && (!frame->dso.empty() || !frame->symbol.contains(' ')))
      frames_.push_back({.frame = *frame, .place = {}});
  }

  void close() {
    if (!open_) return;
    open_ = false;
    ++counts_.read;
    const auto event = columns_.event(event_.event, symbols_);
    if (!event) {
      frames_.clear();
      return counts_.skip("of an event beyond the 16th");
    }
    ++counts_.kept;
    columns_.add(*event, event_.period);
    if (event_.time_ns) {
      first_ns_ = counts_.kept == 1 ? *event_.time_ns : std::min(first_ns_, *event_.time_ns);
      last_ns_ = std::max(last_ns_, *event_.time_ns);
    }
    add_stack();
    const StringId comm = symbols_.intern(event_.comm);
    if (comm) sampled_.insert(comm);
    add_thread_labels(profile_, symbols_, comm, event_.pid, event_.tid);
    profile_.stack_start.push_back(profile_.stack_locations.size());
    profile_.label_start.push_back(profile_.labels.size());
    frames_.clear();
  }

  // Inlined frames stand before the one they are inlined into.
  void add_stack() {
    // Where the kernel or the program was left is exact, all others are where a call returns to.
    bool exact = true;
    bool in_kernel = false;
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      const std::size_t first = i;
      while (i + 1 < frames_.size() && frames_[i].frame.inlined && i - first < kMostInlined) ++i;
      std::uint32_t location = physical(frames_[i], exact || (in_kernel && !is_kernel(frames_[i])));
      // Without frame pointers a program's stack may hold any number.
      in_kernel = (exact || in_kernel) && is_kernel(frames_[i]);
      for (std::size_t j = i; j-- > first;) location = builder_.inlined(function(frames_[j]), location);
      profile_.stack_locations.push_back(location);
      exact = false;
    }
  }

  std::uint32_t function(const Frame& frame) {
    const std::string_view name = frame.frame.symbol.empty() ? "[unknown]" : frame.frame.symbol;
    return builder_.function(symbols_.intern(name), symbols_.intern(frame.place.file));
  }

  // All kernels with 64 bits stand at the upper end of the addresses.
  static bool is_kernel(const Frame& frame) { return frame.frame.address >> 56 == 0xFF; }

  std::uint32_t physical(const Frame& frame, bool exact) {
    const std::uint64_t address = frame.frame.address - (exact || frame.frame.address == 0 ? 0 : 1);
    const std::uint32_t mapping = mapping_of(frame.frame.dso);
    if (frame.frame.symbol.empty()) return builder_.address(address, mapping);
    return builder_.location(
        {.address = address, .function = function(frame), .line = frame.place.line, .mapping = mapping});
  }

  std::uint32_t mapping_of(std::string_view dso) {
    if (dso.empty()) return model::Profile::kNoMapping;
    const StringId file = symbols_.intern(dso);
    const auto [found, is_new] = mappings_.try_emplace(file, static_cast<std::uint32_t>(profile_.mappings.size()));
    if (is_new) profile_.mappings.push_back({.id = profile_.mappings.size() + 1, .file = file, .build_id = {}});
    return found->second;
  }

  model::Profile& profile_;
  model::Symbols& symbols_;
  ProfileBuilder builder_;
  PerfColumns columns_;
  std::unordered_map<StringId, std::uint32_t> mappings_;
  std::unordered_set<StringId> sampled_;
  model::Counts counts_{.what = "samples"};
  std::uint64_t strange_lines_ = 0;
  bool open_ = false;
  ScriptEvent event_;
  std::vector<Frame> frames_;
  std::int64_t first_ns_ = 0;
  std::int64_t last_ns_ = 0;
};

// Certain: a line that begins a sample, and a frame with its DSO on it or on the next.
Match sniff(std::string_view head) {
  if (head.find('\0') != std::string_view::npos) return Match::No;
  LineReader lines(head);
  bool after_event = false;
  bool any = false;
  while (lines.next()) {
    const std::string_view line = lines.line();
    if (trim(line).empty() || line[0] == '#') continue;
    const auto is_frame = [](std::string_view text) {
      const auto frame = parse_script_frame(text);
      return frame && text.ends_with(')') && (!frame->dso.empty() || frame->symbol.empty() || frame->inlined);
    };
    if (after_event && (line[0] == '\t' || line[0] == ' ') && is_frame(line)) return Match::Certain;
    const auto event = parse_script_event(line);
    if (event && is_frame(event->rest)) return Match::Certain;
    after_event = event.has_value();
    any = any || (event && event->time_ns && event->tid >= 0);
  }
  return any ? Match::Maybe : Match::No;
}

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  model::Evidence evidence;
  model::Profile& profile = evidence.profile.emplace();
  Reader reader(profile, symbols);
  reader.read(bytes);
  evidence.counts = reader.take_counts();
  if (profile.sample_count() == 0)
    return std::unexpected(Error{.code = Errc::Malformed, .what = "no line begins a sample of perf script"});
  evidence.kind = "perf profile";
  for (const auto& function : profile.functions)
    note_version(evidence.go_version, symbols.text(function.name), symbols.text(function.file));
  return evidence;
}

}  // namespace

constinit const Decoder kPerfScript{
    .name = "perf-script",
    .title = "perf script text",
    .summary = "samples of any program as `perf script` prints them, with or without call chains",
    .sniff = sniff,
    .decode = decode,
};

}  // namespace gopsy::decode
