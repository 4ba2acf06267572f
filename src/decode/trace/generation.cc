#include "decode/trace/generation.h"

#include <algorithm>
#include <utility>

#include "base/go_sort.h"
#include "decode/trace/format.h"
#include "decode/trace/varint.h"

namespace gopsy::decode::trace {
namespace {

using model::TraceTables;
using model::TraceType;

constexpr std::string_view kLostString = "<string table lost>";
constexpr std::string_view kLostStack = "<stack table lost>";
constexpr std::size_t kFirstFrameSlots = 1024;

// Reads the numbers of a table batch; sticky after the first failure.
class Fields {
 public:
  explicit Fields(const Batch& batch)
      : start_(reinterpret_cast<const std::uint8_t*>(batch.data.data())),
        at_(start_),
        end_(start_ + batch.data.size()),
        offset_(batch.offset) {}

  [[nodiscard]] bool more() const { return at_ < end_ && !error_; }
  [[nodiscard]] std::uint64_t left() const { return static_cast<std::uint64_t>(end_ - at_); }
  [[nodiscard]] std::uint64_t offset() const { return offset_ + static_cast<std::uint64_t>(at_ - start_); }

  // The type of the next event; anything but `wanted` is a failure.
  void type(TraceType wanted, const char* what) {
    const std::uint8_t found = *at_;
    if (static_cast<TraceType>(found) != wanted) return fail(Errc::Malformed, what, found);
    ++at_;
  }

  std::uint8_t byte() { return *at_++; }

  std::uint64_t number() {
    std::uint64_t value = 0;
    if (error_) return 0;
    const std::uint8_t* const behind = read_varint(at_, end_, value);
    if (behind == nullptr) {
      const bool cut = static_cast<std::size_t>(end_ - at_) < kMostVarintBytes;
      fail(cut ? Errc::Truncated : Errc::Malformed,
           cut ? "a table of the trace is cut: a number is missing" : "a number in a table exceeds 64 bits");
      return 0;
    }
    at_ = behind;
    return value;
  }

  std::string_view bytes(std::uint64_t count) {
    if (error_) return {};
    if (count > left()) {
      fail(Errc::Truncated, "failed to read full string: read {} but wanted {}", left(), count);
      return {};
    }
    const std::string_view taken(reinterpret_cast<const char*>(at_), count);
    at_ += count;
    return taken;
  }

  void fail(Errc code, const char* what, std::uint64_t a = 0, std::uint64_t b = 0) {
    if (!error_) error_ = Error{.code = code, .offset = offset(), .what = what, .a = a, .b = b};
  }

  [[nodiscard]] bool failed() const { return error_.has_value(); }
  [[nodiscard]] Result<void> status() const {
    if (error_) return std::unexpected(*error_);
    return {};
  }

 private:
  const std::uint8_t* start_;
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  std::uint64_t offset_;
  std::optional<Error> error_;
};

}  // namespace

void Damage::lost(const Error& error, std::uint64_t bytes, std::uint64_t generation) {
  constexpr std::size_t kMostTold = 64;
  ++report_.damages;
  report_.lost_bytes += bytes;
  if (report_.damaged.size() < kMostTold)
    report_.damaged.push_back(
        {.offset = error.offset, .bytes = bytes, .generation = generation, .what = message(error)});
}

void Generation::reset(std::uint64_t number) {
  number_ = number;
  any_ = has_strings_ = has_stacks_ = false;
  first_units_ = 0;
  frequency_ = 0;
  has_frequency_ = false;
  clock_ = {};
  snapshot_units_.reset();
  batches_.clear();
  next_.clear();
  threads_.clear();
  thread_rows_.clear();
  samples_.clear();
  // Row 0 is nothing, row 1 what is lost.
  tables_ = {};
  tables_.strings = {std::string_view(), kLostString, kLostStack};
  tables_.stack_start = {0, 0, 1};
  tables_.stack_frames = {0};
  string_rows_.clear();
  stack_rows_.clear();
  raw_frames_.assign(1, RawFrame{});
  frame_slots_.assign(kFirstFrameSlots, 0);
}

Result<void> Generation::add(const Batch& batch, Damage& damage) {
  // The official reader takes a time of 0 for "none yet".
  if (first_units_ == 0 || batch.time < first_units_) first_units_ = batch.time;
  any_ = true;
  Result<void> read;
  switch (batch.kind(format_)) {
    case TraceType::Strings: read = add_strings(batch); break;
    case TraceType::Stacks: read = add_stacks(batch); break;
    case TraceType::CpuSamples: read = add_samples(batch); break;
    case TraceType::Sync: read = add_sync(batch); break;
    case TraceType::ExperimentalBatch: break;
    case TraceType::EndOfGeneration:
      read = std::unexpected(Error{.code = Errc::Malformed,
                                   .offset = batch.offset,
                                   .what = "the end of a generation in a trace of a version that has none"});
      break;
    default: add_events(batch); break;
  }
  if (read || !damage.lenient()) return read;
  damage.lost(read.error(), batch.offset + batch.data.size() - read.error().offset, number_);
  return {};
}

void Generation::add_events(const Batch& batch) {
  const auto row = static_cast<std::uint32_t>(batches_.size());
  batches_.push_back(batch);
  next_.push_back(kLastBatch);
  const auto [place, is_new] = thread_rows_.try_emplace(batch.thread, static_cast<std::uint32_t>(threads_.size()));
  if (is_new) {
    threads_.push_back({.thread = batch.thread, .first = row, .last = row});
    return;
  }
  ThreadBatches& thread = threads_[place->second];
  next_[thread.last] = row;
  thread.last = row;
}

Result<void> Generation::add_strings(const Batch& batch) {
  has_strings_ = true;
  Fields fields(batch);
  fields.byte();
  while (fields.more()) {
    fields.type(TraceType::String, "expected string event, got {}");
    const std::uint64_t id = fields.number();
    const std::uint64_t size = fields.number();
    if (size > kMostStringBytes)
      fields.fail(Errc::Malformed, "invalid string size {}, maximum is {}", size, kMostStringBytes);
    const std::string_view text = fields.bytes(size);
    if (fields.failed()) break;
    if (id == 0 || !string_rows_.insert(id, static_cast<std::uint32_t>(tables_.strings.size()))) {
      fields.fail(Errc::Malformed, "multiple strings with the same ID: id={}", id);
      break;
    }
    tables_.strings.push_back(text);
  }
  return fields.status();
}

Result<void> Generation::add_stacks(const Batch& batch) {
  has_stacks_ = true;
  Fields fields(batch);
  fields.byte();
  while (fields.more()) {
    fields.type(TraceType::Stack, "expected stack event, got {}");
    const std::uint64_t id = fields.number();
    const std::uint64_t count = fields.number();
    if (count > kMostFrames) fields.fail(Errc::Malformed, "invalid stack size {}, maximum is {}", count, kMostFrames);
    const std::size_t before = tables_.stack_frames.size();
    for (std::uint64_t i = 0; i < count && !fields.failed(); ++i) {
      RawFrame frame{.pc = fields.number(), .function = 0, .file = 0, .line = 0};
      frame.function = fields.number();
      frame.file = fields.number();
      frame.line = fields.number();
      if (!fields.failed()) tables_.stack_frames.push_back(frame_row(frame));
    }
    const auto row = static_cast<std::uint32_t>(tables_.stack_start.size() - 1);
    if (!fields.failed() && (id == 0 || !stack_rows_.insert(id, row)))
      fields.fail(Errc::Malformed, "multiple stacks with the same ID: id={}", id);
    if (fields.failed()) {
      tables_.stack_frames.resize(before);
      break;
    }
    tables_.stack_start.push_back(static_cast<std::uint32_t>(tables_.stack_frames.size()));
  }
  return fields.status();
}

Result<void> Generation::add_samples(const Batch& batch) {
  Fields fields(batch);
  fields.byte();
  while (fields.more()) {
    fields.type(TraceType::CpuSample, "expected CPU sample event, got {}");
    CpuSample sample;
    for (std::uint64_t* field : {&sample.units, &sample.thread, &sample.proc, &sample.goroutine, &sample.stack})
      *field = fields.number();
    // Goroutine 0 is the scheduler's own stack: nobody.
    if (sample.goroutine == 0) sample.goroutine = ~std::uint64_t{0};
    if (!fields.failed()) samples_.push_back(sample);
  }
  return fields.status();
}

Result<void> Generation::add_sync(const Batch& batch) {
  Fields fields(batch);
  if (format_ >= 25) fields.byte();
  std::uint64_t units = batch.time;
  while (fields.more()) {
    const auto type = static_cast<TraceType>(fields.byte());
    if (type == TraceType::Frequency) {
      if (has_frequency_) fields.fail(Errc::Malformed, "found multiple frequency events");
      const std::uint64_t frequency = fields.number();
      if (fields.failed()) break;
      has_frequency_ = true;
      frequency_ = frequency;
      clock_.ns_per_unit = 1.0 / (static_cast<double>(frequency) / 1e9);
    } else if (type == TraceType::ClockSnapshot && format_ >= 25) {
      if (snapshot_units_) fields.fail(Errc::Malformed, "found multiple clock snapshot events");
      units += fields.number();
      snapshot_.mono_ns = fields.number();
      snapshot_.wall_s = static_cast<std::int64_t>(fields.number());
      snapshot_.wall_ns = static_cast<std::int64_t>(fields.number());
      if (!fields.failed()) snapshot_units_ = units;
    } else {
      fields.fail(Errc::Malformed, "expected frequency or clock snapshot event, got {}",
                  static_cast<std::uint64_t>(type));
    }
  }
  return fields.status();
}

Result<void> Generation::finish(Damage& damage, const Clock& last_clock) {
  tables_.generation = number_;
  if (!has_frequency_) {
    const Error missing{.code = Errc::Truncated, .what = "no frequency event found"};
    if (!damage.lenient()) return std::unexpected(missing);
    clock_ = last_clock;
    damage.report().guessed_clock = true;
  } else if (format_ >= 25 && !snapshot_units_ && !damage.lenient()) {
    return std::unexpected(Error{.code = Errc::Truncated, .what = "no clock snapshot event found"});
  }
  if (snapshot_units_) {
    snapshot_.trace_ns = clock_.ns(*snapshot_units_);
    tables_.clock = snapshot_;
  }
  if (damage.lenient()) add_fixed_strings();
  if (auto resolved = resolve_frames(damage); !resolved) return resolved;
  for (CpuSample& sample : samples_) sample.time_ns = clock_.ns(sample.units);
  go_sort(samples_, [](const CpuSample& a, const CpuSample& b) { return a.time_ns < b.time_ns; });
  return {};
}

void Generation::add_fixed_strings() {
  std::uint64_t id = 0;
  for (const std::string_view text : fixed_strings(format_)) {
    ++id;
    if (string_rows_.insert(id, static_cast<std::uint32_t>(tables_.strings.size()))) tables_.strings.push_back(text);
  }
}

Result<void> Generation::resolve_frames(Damage& damage) {
  tables_.frames.assign(raw_frames_.size(), {});
  tables_.frames[0] = {.pc = 0, .line = 0, .function = 2, .file = 0, .first_of_pc = 0};
  std::unordered_map<std::uint64_t, std::uint32_t> first;
  first.reserve(raw_frames_.size());
  for (std::uint32_t i = 1; i < raw_frames_.size(); ++i) {
    const RawFrame& raw = raw_frames_[i];
    const auto [place, is_new] = first.try_emplace(raw.pc, i);
    const std::uint32_t function = string_row(raw.function);
    const std::uint32_t file = string_row(raw.file);
    if (is_new && !damage.lenient()) {
      if (function == RowIndex::kMissing)
        return std::unexpected(Error{
            .code = Errc::Malformed, .what = "found invalid func string ID {} in the stack table", .a = raw.function});
      if (file == RowIndex::kMissing)
        return std::unexpected(Error{
            .code = Errc::Malformed, .what = "found invalid file string ID {} in the stack table", .a = raw.file});
    }
    tables_.frames[i] = {.pc = raw.pc,
                         .line = raw.line,
                         .function = function == RowIndex::kMissing ? TraceTables::kLost : function,
                         .file = file == RowIndex::kMissing ? TraceTables::kLost : file,
                         .first_of_pc = place->second};
  }
  return {};
}

std::uint32_t Generation::frame_row(const RawFrame& frame) {
  std::uint64_t key = (frame.pc + frame.line) * 0x9E3779B97F4A7C15ULL;
  key = (key ^ frame.function) * 0x9E3779B97F4A7C15ULL;
  key ^= frame.file * 0xC2B2AE3D27D4EB4FULL;
  std::size_t at = (key >> 24) & (frame_slots_.size() - 1);
  while (frame_slots_[at] != 0) {
    if (raw_frames_[frame_slots_[at]] == frame) return frame_slots_[at];
    at = (at + 1) & (frame_slots_.size() - 1);
  }
  const auto row = static_cast<std::uint32_t>(raw_frames_.size());
  frame_slots_[at] = row;
  raw_frames_.push_back(frame);
  if (raw_frames_.size() * 2 > frame_slots_.size()) grow_frames();
  return row;
}

void Generation::grow_frames() {
  frame_slots_.assign(frame_slots_.size() * 4, 0);
  std::vector<RawFrame> frames(1);
  frames.swap(raw_frames_);
  for (std::size_t i = 1; i < frames.size(); ++i) frame_row(frames[i]);
}

std::uint32_t Generation::extra_string(std::string_view text) {
  if (text.empty()) return 0;
  tables_.strings.push_back(text);
  return static_cast<std::uint32_t>(tables_.strings.size() - 1);
}

}  // namespace gopsy::decode::trace
