#include "decode/trace/v1_file.h"

#include "decode/trace/varint.h"

namespace gopsy::decode::trace {

using model::TraceTables;

namespace {

std::uint64_t hash(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  std::uint64_t key = 0;
  for (const std::uint64_t part : {a, b, c, d}) key = (key ^ (key >> 29) ^ part) * 0x9E3779B97F4A7C15ULL;
  return key;
}

}  // namespace

V1Proc& V1File::proc_of(std::uint64_t id) {
  const auto p = static_cast<std::int32_t>(id == ~std::uint64_t{0} ? -1 : static_cast<std::int64_t>(id));
  const auto [place, is_new] = proc_rows_.try_emplace(p, procs_.size());
  if (is_new) procs_.push_back({.id = p, .batches = {}});
  return procs_[place->second];
}

Result<void> V1File::scan(Damage& damage) {
  tables_.generation = 1;
  tables_.strings = {std::string_view(), "<string table lost>", "<stack table lost>"};
  tables_.stack_start = {0, 0, 1};
  tables_.stack_frames = {0};
  std::string_view rest = bytes_;
  while (!rest.empty()) {
    const std::size_t at = bytes_.size() - rest.size();
    const char* const end = bytes_.data() + bytes_.size();
    if (current_ != nullptr) {
      if (const char* const behind = skip_v1_event(rest.data(), end, format_); behind != nullptr) {
        ++records_;
        rest.remove_prefix(static_cast<std::size_t>(behind - rest.data()));
        current_->batches.back().behind = bytes_.size() - rest.size();
        continue;
      }
    }
    const auto taken = take_v1_record(rest, format_);
    Result<void> done;
    if (taken) {
      done = record(*taken, at, bytes_.size() - rest.size());
    } else {
      done = std::unexpected(taken.error());
    }
    if (done) continue;
    Error error = done.error();
    error.offset = offset_ + at;
    if (!damage.lenient()) return std::unexpected(error);
    // No mark says where the next record begins: what follows is read only if it looks like a batch.
    const bool cut = error.code == Errc::Truncated;
    std::size_t next = cut ? bytes_.size() : at + 1;
    for (; next < bytes_.size(); ++next) {
      std::string_view batch = bytes_.substr(next);
      if (batch.front() != static_cast<char>(1 | 1 << 6)) continue;
      bool plausible = true;
      for (int i = 0; i < 16 && plausible && !batch.empty(); ++i) {
        const auto probe = take_v1_record(batch, format_);
        plausible = probe || probe.error().code == Errc::Truncated;
        if (!probe) break;
        plausible = plausible && (i != 0 || probe->args[0] < 65536 || probe->args[0] == ~std::uint64_t{0});
      }
      if (plausible) break;
    }
    damage.lost(error, next - at, 1);
    if (current_ != nullptr && !current_->batches.empty()) current_->batches.back().behind = at;
    current_ = nullptr;
    rest = bytes_.substr(next);
  }
  resolve_frames();
  return {};
}

Result<void> V1File::record(const V1Record& record, std::size_t at, std::size_t behind) {
  ++records_;
  if (record.type == V1Type::Batch) {
    current_ = &proc_of(record.args[0]);
    current_->batches.push_back({.first = behind, .behind = behind, .ticks = record.args[1]});
    return {};
  }
  if (current_ == nullptr)
    return std::unexpected(Error{.code = Errc::Malformed,
                                 .offset = at,
                                 .what = "an event of type {} stands before any batch",
                                 .a = static_cast<std::uint64_t>(record.type)});
  current_->batches.back().behind = behind;
  switch (record.type) {
    case V1Type::String: return add_string(record);
    case V1Type::Stack: add_stack(record); return {};
    case V1Type::Frequency:
      ticks_per_second_ = record.args[0];
      if (ticks_per_second_ == 0 || ticks_per_second_ > INT64_MAX)
        return std::unexpected(Error{.code = Errc::Malformed, .offset = at, .what = "time stamps out of order"});
      return {};
    case V1Type::TimerGoroutine: timers_.insert(record.args[0]); return {};
    case V1Type::CpuSample:
      // Written later than it was taken, by somebody else: its own time and P count.
      samples_.push_back({.ticks = record.args[1],
                          .g = record.args[3],
                          .stack = record.args[4],
                          .p = static_cast<std::int32_t>(record.args[2])});
      return {};
    default: return {};
  }
}

Result<void> V1File::add_string(const V1Record& record) {
  if (!string_rows_.insert(record.args[0], static_cast<std::uint32_t>(tables_.strings.size())))
    return std::unexpected(Error{.code = Errc::Malformed, .what = "string has duplicate id {}", .a = record.args[0]});
  tables_.strings.push_back(record.text);
  return {};
}

void V1File::add_stack(const V1Record& record) {
  if (static_cast<std::uint32_t>(record.args[0]) == 0 || record.args[1] == 0) return;
  const auto* at = reinterpret_cast<const std::uint8_t*>(record.frames.data());
  const auto* const end = at + record.frames.size();
  for (std::uint64_t i = 0; i < record.args[1]; ++i) {
    RawFrame frame{};
    for (std::uint64_t* field : {&frame.pc, &frame.function, &frame.file, &frame.line})
      at = read_varint(at, end, *field);
    std::uint32_t row = 0;
    const std::uint64_t key = hash(frame.pc, frame.function, frame.file, frame.line);
    const auto [first, last] = frames_.equal_range(key);
    for (auto place = first; place != last && row == 0; ++place)
      if (raw_frames_[place->second] == frame) row = place->second;
    if (row == 0) {
      row = static_cast<std::uint32_t>(raw_frames_.size());
      raw_frames_.push_back(frame);
      frames_.emplace(key, row);
      first_of_pc_.try_emplace(frame.pc, row);
    }
    tables_.stack_frames.push_back(row);
  }
  stack_rows_.insert(static_cast<std::uint32_t>(record.args[0]),
                     static_cast<std::uint32_t>(tables_.stack_start.size() - 1));
  tables_.stack_start.push_back(static_cast<std::uint32_t>(tables_.stack_frames.size()));
}

void V1File::resolve_frames() {
  const auto row_of = [this](std::uint64_t id) {
    const std::uint32_t row = string_row(id);
    return row == RowIndex::kMissing ? TraceTables::kLost : row;
  };
  tables_.frames.assign(raw_frames_.size(), {});
  tables_.frames[0].function = 2;
  for (std::size_t i = 1; i < raw_frames_.size(); ++i) {
    const RawFrame& raw = raw_frames_[i];
    tables_.frames[i] = {.pc = raw.pc,
                         .line = raw.line,
                         .function = row_of(raw.function),
                         .file = row_of(raw.file),
                         .first_of_pc = first_of_pc_[raw.pc]};
  }
}

std::uint32_t V1File::extra_string(std::string_view text) {
  if (text.empty()) return 0;
  tables_.strings.push_back(text);
  return static_cast<std::uint32_t>(tables_.strings.size() - 1);
}

}  // namespace gopsy::decode::trace
