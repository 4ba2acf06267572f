#include "decode/perf/perf_data.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/format.h"
#include "decode/perf/address_spaces.h"
#include "decode/perf/columns.h"
#include "decode/perf/data_file.h"
#include "decode/profile_builder.h"

namespace gopsy::decode {
namespace {

// Low bits of `misc`: where the processor was.
constexpr std::uint16_t kModeMask = 7;
constexpr std::uint16_t kKernelMode = 1;
constexpr std::uint16_t kDataMapping = 1U << 13;  // of MMAP
constexpr std::uint16_t kMapBuildId = 1U << 14;   // of MMAP2

// Instead of an address in a call chain: those behind it are of that context.
constexpr auto kFirstMarker = static_cast<std::uint64_t>(-4095);
constexpr auto kKernelMarker = static_cast<std::uint64_t>(-128);

struct Sample {
  std::uint64_t ip = 0;
  std::uint32_t pid = 0;
  std::uint32_t tid = 0;
  std::optional<std::uint64_t> period;
  std::uint64_t frames = 0;
  std::string_view chain;
};

// PERF_SAMPLE_READ: counters read along, of one event or of its group.
void skip_read(PerfCursor& cursor, std::uint64_t format) {
  constexpr std::uint64_t kTimes = 1U << 0 | 1U << 1;
  constexpr std::uint64_t kEach = 1U << 2 | 1U << 4;
  constexpr std::uint64_t kGroup = 1U << 3;
  const auto words = [](std::uint64_t bits) { return static_cast<std::uint64_t>(std::popcount(bits)); };
  const std::uint64_t values = (format & kGroup) != 0 ? std::min<std::uint64_t>(cursor.u64(), cursor.left()) : 1;
  cursor.take((words(format & kTimes) + values * (1 + words(format & kEach))) * 8);
}

std::optional<Sample> parse_sample(PerfCursor cursor, const PerfAttr& attr) {
  const auto has = [&](std::uint64_t bit) { return (attr.sample_type & bit) != 0; };
  Sample sample;
  if (has(kSampleIdentifier)) cursor.u64();
  if (has(kSampleIp)) sample.ip = cursor.u64();
  if (has(kSampleTid)) {
    sample.pid = cursor.u32();
    sample.tid = cursor.u32();
  }
  for (const std::uint64_t bit : {kSampleTime, kSampleAddr, kSampleId, kSampleStreamId, kSampleCpu})
    if (has(bit)) cursor.u64();
  if (has(kSamplePeriod)) {
    sample.period = cursor.u64();
  } else if (attr.period != 0) {
    sample.period = attr.period;
  }
  if (has(kSampleRead)) skip_read(cursor, attr.read_format);
  if (has(kSampleCallchain)) {
    sample.frames = cursor.u64();
    if (sample.frames > cursor.left() / 8) return std::nullopt;
    sample.chain = cursor.take(sample.frames * 8);
  }
  if (cursor.failed()) return std::nullopt;
  return sample;
}

// As `perf list` calls it, for recordings that do not say.
std::string event_name(const PerfAttr& attr) {
  constexpr std::array<std::string_view, 10> kHardware = {
      "cycles",        "instructions", "cache-references",        "cache-misses",           "branches",
      "branch-misses", "bus-cycles",   "stalled-cycles-frontend", "stalled-cycles-backend", "ref-cycles"};
  constexpr std::array<std::string_view, 11> kSoftware = {
      "cpu-clock",        "task-clock",   "page-faults",  "context-switches",
      "cpu-migrations",   "minor-faults", "major-faults", "alignment-faults",
      "emulation-faults", "dummy",        "bpf-output"};
  if (!attr.name.empty()) return std::string(attr.name);
  if (attr.type == 0 && attr.config < kHardware.size()) return std::string(kHardware[attr.config]);
  if (attr.type == 1 && attr.config < kSoftware.size()) return std::string(kSoftware[attr.config]);
  if (attr.type == 2) return fmt::format("tracepoint-{}", attr.config);
  return fmt::format("event-{}-{:#x}", attr.type, attr.config);
}

class Reader {
 public:
  Reader(const PerfFile& file, model::Profile& profile, model::Symbols& symbols)
      : file_(file), profile_(profile), symbols_(symbols), builder_(profile) {}

  void read() {
    // Who is idle has no name among the records.
    comms_.emplace(0, symbols_.intern("swapper"));
    for (const PerfRecord& record : file_.records) take(record);
    columns_.finish(profile_, symbols_);
    if (first_ns_ != 0 && last_ns_ > first_ns_)
      profile_.duration_ns = static_cast<std::int64_t>(std::min<std::uint64_t>(last_ns_ - first_ns_, INT64_MAX));
    program_first(profile_, symbols_, sampled_);
  }

  model::Counts take_counts() { return std::move(counts_); }

 private:
  void take(const PerfRecord& record) {
    PerfCursor payload = file_.cursor(record.payload);
    switch (record.type) {
      case PerfRecord::kMmap:
      case PerfRecord::kMmap2: return map(record, payload);
      case PerfRecord::kComm: return comm(payload);
      case PerfRecord::kFork: return fork(payload);
      case PerfRecord::kSample: return sample(record);
      case PerfRecord::kLost: payload.u64(); return lost(payload.u64());
      case PerfRecord::kLostSamples: return lost(payload.u64());
      default: break;
    }
  }

  void lost(std::uint64_t count) {
    // More than a ring buffer can lose between two looks at it is damage.
    count = std::min<std::uint64_t>(count, UINT32_MAX);
    if (count == 0) return;
    counts_.read += count;
    counts_.skip("lost by perf itself: the reader was too slow", count);
  }

  void map(const PerfRecord& record, PerfCursor payload) {
    std::uint32_t pid = payload.u32();
    payload.u32();
    PerfMap map{.start = payload.u64(), .limit = 0, .offset = 0, .file = {}, .build_id = {}};
    const std::uint64_t size = payload.u64();
    map.limit = size > UINT64_MAX - map.start ? UINT64_MAX : map.start + size;
    map.offset = payload.u64();
    if (record.type == PerfRecord::kMmap2) {
      const std::string_view origin = payload.take(24);
      payload.u64();  // protection and flags
      if ((record.misc & kMapBuildId) != 0 && !payload.failed())
        map.build_id = origin.substr(4, std::min<std::size_t>(static_cast<unsigned char>(origin[0]), 20));
    }
    if (payload.failed() || (record.misc & kDataMapping) != 0) return;
    if ((record.misc & kModeMask) == kKernelMode) pid = AddressSpaces::kKernel;
    map.file = symbols_.intern(payload.text());
    if (map.build_id.empty()) map.build_id = known_build_id(payload.text());
    spaces_.map(pid, map);
  }

  // The kernel's mapping is "[kernel.kallsyms]_text" among the records, "[kernel.kallsyms]" among the build ids.
  std::string_view known_build_id(std::string_view file) const {
    if (file.starts_with('[')) file = file.substr(0, std::min(file.size(), file.find(']')) + 1);
    const auto found = file_.build_ids.find(file);
    return found == file_.build_ids.end() ? std::string_view() : found->second;
  }

  // An exec forgets no mapping: the new ones come over the old, and a sample within it still returns to those.
  void comm(PerfCursor payload) {
    payload.u32();
    const std::uint32_t tid = payload.u32();
    if (payload.failed()) return;
    comms_[tid] = symbols_.intern(payload.text());
  }

  void fork(PerfCursor payload) {
    const std::uint32_t pid = payload.u32();
    const std::uint32_t parent = payload.u32();
    const std::uint32_t tid = payload.u32();
    const std::uint32_t parent_tid = payload.u32();
    if (payload.failed()) return;
    spaces_.fork(pid, parent);
    if (const auto found = comms_.find(parent_tid); found != comms_.end()) {
      const StringId inherited = found->second;
      comms_[tid] = inherited;
    }
  }

  void sample(const PerfRecord& record) {
    ++counts_.read;
    const PerfAttr* const attr = file_.attr_of(record.payload);
    if (attr == nullptr) return counts_.skip("of an event that is not described");
    const auto sample = parse_sample(file_.cursor(record.payload), *attr);
    if (!sample) return counts_.skip("malformed inside");
    const auto event = column_of(*attr);
    if (!event) return counts_.skip("of an event beyond the 16th");
    ++counts_.kept;
    columns_.add(*event, sample->period);
    add_stack(*sample, (record.misc & kModeMask) == kKernelMode);
    const auto comm = comms_.find(sample->tid);
    const StringId name = comm == comms_.end() ? StringId{} : comm->second;
    if (name) sampled_.insert(name);
    add_thread_labels(profile_, symbols_, name, static_cast<std::int32_t>(sample->pid),
                      static_cast<std::int32_t>(sample->tid));
    profile_.stack_start.push_back(profile_.stack_locations.size());
    profile_.label_start.push_back(profile_.labels.size());
    if (record.time == 0) return;
    if (first_ns_ == 0) first_ns_ = record.time;
    last_ns_ = std::max(last_ns_, record.time);
  }

  std::optional<std::uint32_t> column_of(const PerfAttr& attr) {
    const auto index = static_cast<std::size_t>(&attr - file_.attrs.data());
    if (columns_of_.size() <= index) columns_of_.resize(index + 1);
    auto& known = columns_of_[index];
    if (!known) known = columns_.event(event_name(attr), symbols_);
    return known;
  }

  void add_stack(const Sample& sample, bool in_kernel) {
    const std::size_t first = profile_.stack_locations.size();
    PerfCursor chain = file_.cursor(sample.chain);
    bool kernel = in_kernel;
    bool exact = true;
    for (std::uint64_t i = 0; i < sample.frames; ++i) {
      const std::uint64_t address = chain.u64();
      if (address >= kFirstMarker) {
        kernel = address == kKernelMarker;
        exact = true;
        continue;
      }
      profile_.stack_locations.push_back(location(sample.pid, address, kernel, exact));
      exact = false;
    }
    if (profile_.stack_locations.size() == first && sample.ip != 0)
      profile_.stack_locations.push_back(location(sample.pid, sample.ip, in_kernel, true));
  }

  // Behind a marker stands where that context was when it was left: perhaps the first instruction of a page that was
  // not there yet. All others are where a call returns to, and a call may be the last instruction of its mapping.
  std::uint32_t location(std::uint32_t pid, std::uint64_t address, bool kernel, bool exact) {
    if (!exact && address != 0) --address;
    const PerfMap* const map = spaces_.find(kernel ? AddressSpaces::kKernel : pid, address);
    return builder_.address(address, map == nullptr ? model::Profile::kNoMapping : mapping(*map));
  }

  std::uint32_t mapping(const PerfMap& map) {
    const auto next = static_cast<std::uint32_t>(profile_.mappings.size());
    const auto [found, is_new] =
        mappings_.try_emplace(std::tuple(map.start, map.limit, map.offset, map.file.value), next);
    if (!is_new) return found->second;
    std::string build_id;
    for (const char byte : map.build_id) build_id += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    profile_.mappings.push_back({.id = std::uint64_t{next} + 1,
                                 .start = map.start,
                                 .limit = map.limit,
                                 .offset = map.offset,
                                 .file = map.file,
                                 .build_id = symbols_.intern(build_id)});
    return next;
  }

  const PerfFile& file_;
  model::Profile& profile_;
  model::Symbols& symbols_;
  ProfileBuilder builder_;
  PerfColumns columns_;
  AddressSpaces spaces_;
  std::unordered_map<std::uint32_t, StringId> comms_;
  std::unordered_set<StringId> sampled_;
  std::vector<std::optional<std::uint32_t>> columns_of_;
  std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint32_t>, std::uint32_t> mappings_;
  model::Counts counts_{.what = "samples"};
  std::uint64_t first_ns_ = 0;
  std::uint64_t last_ns_ = 0;
};

Match sniff(std::string_view head) { return is_perf_file(head) ? Match::Certain : Match::No; }

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  const PerfFile file = TRY(read_perf_file(bytes));
  model::Evidence evidence;
  Reader reader(file, evidence.profile.emplace(), symbols);
  reader.read();
  evidence.counts.push_back(reader.take_counts());
  if (evidence.counts[0].read != 0 && evidence.counts[0].kept == 0)
    return std::unexpected(
        Error{.code = Errc::Malformed, .what = "none of the {} samples can be read", .a = evidence.counts[0].read});
  evidence.kind = "perf profile";
  evidence.cut = file.cut;
  return evidence;
}

}  // namespace

constinit const Decoder kPerfData{
    .name = "perf-data",
    .title = "perf.data",
    .summary = "recordings of `perf record`, as a file or from its pipe, compressed or not",
    .sniff = sniff,
    .decode = decode,
};

}  // namespace gopsy::decode
