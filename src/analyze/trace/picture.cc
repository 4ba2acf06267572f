#include "analyze/trace/picture.h"

#include <algorithm>
#include <utility>

#include "base/format.h"

namespace gopsy::analyze {

using model::GoState;
using model::TraceEvent;
using model::TraceType;

namespace {

constexpr std::uint64_t kNoGoal = std::uint64_t{1} << 60;

}  // namespace

std::string goroutine_title(std::uint64_t goid, std::string_view function) {
  return function.empty() ? fmt::format("G{}", goid) : fmt::format("G{} {}", goid, model::short_function(function));
}

PictureBuilder::PictureBuilder(model::Symbols& symbols, TraceRange range, const TraceSurvey& survey,
                               std::size_t columns)
    : study_(symbols, {this}, range), symbols_(symbols) {
  picture_.first_ns = survey.first_ns;
  picture_.last_ns = std::max(survey.last_ns, survey.first_ns + 1);
  picture_.goroutine_count = survey.goroutines;
  picture_.columns.resize(columns);
  counted_ns_ = picture_.first_ns;
  // As wide as four pixels: what can be pointed at.
  least_block_ns_ = (picture_.last_ns - picture_.first_ns) / static_cast<std::int64_t>(columns) * 3;

  std::vector<SurveyedGoroutine> rows = survey.chosen;
  std::ranges::sort(rows, [](const auto& a, const auto& b) {
    return std::tuple(a.system, a.goid, a.number) < std::tuple(b.system, b.goid, b.number);
  });
  for (const SurveyedGoroutine& one : rows) {
    if (one.number >= row_of_number_.size()) row_of_number_.resize(one.number + std::size_t{1}, -1);
    row_of_number_[one.number] = static_cast<std::int32_t>(picture_.goroutines.size());
    TracePicture::Row& row = picture_.goroutines.emplace_back();
    row.function = symbols.text(one.function);
    row.name = goroutine_title(one.goid, row.function);
    row.columns.resize(columns);
    row.changes.resize(columns);
  }

  std::vector<std::pair<std::int64_t, StringId>> code;
  for (const auto& [function, ns] : survey.running_ns)
    if (function && !is_system_goroutine(symbols.text(function)) && ns > 0) code.emplace_back(ns, function);
  std::ranges::stable_sort(code, std::greater(), [](const auto& row) { return row.first; });
  if (code.size() > kFunctions) code.resize(kFunctions);
  for (const auto& [ns, function] : code) {
    code_[function] = static_cast<std::uint8_t>(picture_.functions.size());
    picture_.functions.emplace_back(symbols.text(function));
  }

  std::vector<std::pair<std::int64_t, std::uint32_t>> procs;
  for (std::uint32_t p = 1; p < survey.procs_ns.size(); ++p)
    if (survey.procs_ns[p] > 0) procs.emplace_back(survey.procs_ns[p], p);
  picture_.proc_count = procs.size();
  std::ranges::stable_sort(procs, std::greater(), [](const auto& row) { return row.first; });
  if (procs.size() > kMostProcs) procs.resize(kMostProcs);
  row_of_proc_.resize(survey.procs_ns.size());
  std::ranges::sort(procs, std::less(), [&](const auto& row) { return survey.proc_ids[row.second]; });
  for (const auto& [ns, p] : procs) {
    TracePicture::Row& row = picture_.procs.emplace_back();
    row.columns.resize(columns);
    row.changes.resize(columns);
    row_of_proc_[p] = static_cast<std::uint32_t>(picture_.procs.size());
  }
}

void PictureBuilder::generation(const model::TraceTables& tables, const model::TraceNames& names) {
  names_ = &names;
  study_.generation(tables, names);
}

std::size_t PictureBuilder::column(std::int64_t ns) const {
  const double length = static_cast<double>(picture_.last_ns) - static_cast<double>(picture_.first_ns);
  const double part = (static_cast<double>(ns) - static_cast<double>(picture_.first_ns)) / length;
  const auto columns = static_cast<double>(picture_.columns.size());
  return static_cast<std::size_t>(std::clamp(part * columns, 0.0, columns - 1));
}

void PictureBuilder::events(std::span<const TraceEvent> chunk) {
  if (names_ != nullptr) keep_ids(proc_ids_, names_->procs);
  if (!chunk.empty() && !std::exchange(any_, true)) picture_.trace_begin_ns = chunk.front().time_ns;
  for (const TraceEvent& event : chunk) {
    if (event.time_ns > picture_.last_ns) break;
    if (model::changes_goroutine(event.type)) {
      count_until(event.time_ns);
      counts_.take(event);
    } else {
      value(event);
    }
  }
  study_.events(chunk);
}

void PictureBuilder::count_until(std::int64_t ns) {
  if (ns <= counted_ns_) return;
  const double width = (static_cast<double>(picture_.last_ns) - static_cast<double>(picture_.first_ns)) /
                       static_cast<double>(picture_.columns.size());
  const std::array<double, 3> now{static_cast<double>(counts_.of(GoState::Running)),
                                  static_cast<double>(counts_.of(GoState::Runnable)),
                                  static_cast<double>(counts_.of(GoState::Syscall))};
  const std::size_t last = column(ns);
  auto at = static_cast<double>(counted_ns_ - picture_.first_ns);
  const auto end = static_cast<double>(ns - picture_.first_ns);
  for (std::size_t i = column(counted_ns_); i <= last; ++i) {
    const double upto = i == last ? end : static_cast<double>(i + 1) * width;
    for (std::size_t k = 0; k < now.size(); ++k) picture_.columns[i].states[k] += now[k] * (upto - at) / width;
    at = upto;
  }
  counted_ns_ = ns;
}

// What is known before the range stands in its first column.
void PictureBuilder::value(const TraceEvent& event) {
  const bool inside = event.time_ns >= picture_.first_ns;
  TracePicture::Column& column = picture_.columns[inside ? this->column(event.time_ns) : 0];
  const auto bytes = static_cast<double>(event.value);
  switch (event.type) {
    case TraceType::HeapAlloc: column.heap = inside ? std::max(column.heap, bytes) : bytes; break;
    case TraceType::HeapGoal:
      // Without a goal the runtime says that it is as far as numbers go.
      if (event.value < kNoGoal) column.goal = bytes;
      break;
    case TraceType::ProcsChange: column.max_procs = static_cast<std::uint32_t>(std::min(bytes, 1e6)); break;
    case TraceType::GcActive:
    case TraceType::GcBegin:
    case TraceType::GcEnd: collection(event); break;
    case TraceType::StwBegin:
    case TraceType::StwEnd: stop(event); break;
    default: break;
  }
}

void PictureBuilder::collection(const TraceEvent& event) {
  if (event.type != TraceType::GcEnd) {
    if (collecting_since_ns_ == INT64_MIN) collecting_since_ns_ = event.time_ns;
    return;
  }
  const std::int64_t begin = std::max(std::exchange(collecting_since_ns_, INT64_MIN), picture_.first_ns);
  if (event.time_ns < picture_.first_ns) return;
  ++picture_.collection_count;
  auto& spans = picture_.collections;
  if (!spans.empty() && column(spans.back().end_ns) + 1 >= column(begin)) {
    spans.back().end_ns = event.time_ns;
  } else {
    spans.push_back({.begin_ns = begin, .end_ns = event.time_ns});
  }
}

void PictureBuilder::stop(const TraceEvent& event) {
  if (event.type == TraceType::StwBegin) {
    stopping_[event.g] = event.time_ns;
    return;
  }
  const auto begun = stopping_.find(event.g);
  if (begun == stopping_.end()) return;
  const std::int64_t begin = begun->second;
  stopping_.erase(begun);
  if (event.time_ns < picture_.first_ns) return;
  TracePicture::Stop& stops = picture_.columns[column(begin)].stops;
  const std::int64_t took = event.time_ns - begin;
  ++stops.count;
  stops.total_ns += took;
  if (took < stops.longest_ns) return;
  stops.longest_ns = took;
  stops.begin_ns = begin;
  stops.kind = study_.whole().text(event.value);
}

void PictureBuilder::step(const TraceContext& context, std::span<const TraceEvent>,
                          std::span<const StateInterval> ended) {
  for (const StateInterval& one : ended) interval(context, one);
}

std::uint8_t PictureBuilder::class_of_code(StringId function) const {
  const auto known = code_.find(function);
  if (known != code_.end()) return known->second;
  const std::string_view name = symbols_.text(function);
  if (name == "runtime.gcBgMarkWorker") return kCollectorCode;
  return is_system_goroutine(name) ? kRuntimeCode : kOtherCode;
}

std::uint8_t PictureBuilder::class_of_reason(StringId reason) {
  if (reason.value >= reasons_.size()) reasons_.resize(reason.value + std::size_t{1});
  std::uint8_t& known = reasons_[reason.value];
  if (known != 0) return known - 1;
  const std::string_view text = symbols_.text(reason);
  std::uint8_t what = TracePicture::Other;
  if (text.contains("chan") || text.contains("select") || text.contains("sync") || text == "forever")
    what = TracePicture::Sync;
  else if (text == "network")
    what = TracePicture::Network;
  else if (text == "sleep")
    what = TracePicture::Sleep;
  else if (text.starts_with("GC") || text.contains("GC ends"))
    what = TracePicture::Collector;
  known = what + 1;
  return what;
}

std::int32_t PictureBuilder::drawn(const TraceContext& context, std::uint32_t g) const {
  if (g == 0 || g >= context.lives.size()) return -1;
  const std::uint32_t number = context.lives[g].number;
  return number < row_of_number_.size() ? row_of_number_[number] : -1;
}

void PictureBuilder::interval(const TraceContext& context, const StateInterval& one) {
  if (one.state == GoState::Running && one.p < row_of_proc_.size() && row_of_proc_[one.p] != 0) {
    TracePicture::Row& row = picture_.procs[row_of_proc_[one.p] - 1];
    if (row.name.empty()) row.name = fmt::format("P{}", proc_id(one.p));
    const std::uint8_t what = class_of_code(context.lives[one.g].function);
    add(row, what, one.begin_ns, one.end_ns);
    keep(context, row, {.what = what}, one, true);
  }
  const std::int32_t index = drawn(context, one.g);
  if (index < 0) return;
  TracePicture::Row& row = picture_.goroutines[static_cast<std::size_t>(index)];
  std::uint8_t what = TracePicture::Other;
  if (one.state == GoState::Running) what = TracePicture::Running;
  if (one.state == GoState::Runnable) what = TracePicture::Runnable;
  if (one.state == GoState::Syscall) what = TracePicture::Syscall;
  if (one.state == GoState::Waiting) what = class_of_reason(one.reason);
  add(row, what, one.begin_ns, one.end_ns);
  keep(context, row, {.what = what}, one, false);
}

void PictureBuilder::add(TracePicture::Row& row, std::uint8_t what, std::int64_t begin_ns, std::int64_t end_ns) {
  begin_ns = std::max(begin_ns, picture_.first_ns);
  end_ns = std::min(end_ns, picture_.last_ns);
  if (end_ns < begin_ns) return;
  row.total_ns[what] += end_ns - begin_ns;
  const std::size_t first = column(begin_ns);
  const std::size_t last = column(end_ns);
  ++row.changes[first];
  const double width = (static_cast<double>(picture_.last_ns) - static_cast<double>(picture_.first_ns)) /
                       static_cast<double>(picture_.columns.size());
  auto at = static_cast<double>(begin_ns - picture_.first_ns);
  for (std::size_t i = first; i <= last; ++i) {
    const double upto =
        i == last ? static_cast<double>(end_ns - picture_.first_ns) : static_cast<double>(i + 1) * width;
    row.columns[i][what] += static_cast<float>((upto - at) / width);
    at = upto;
  }
}

void PictureBuilder::keep(const TraceContext& context, TracePicture::Row& row, TracePicture::Block block,
                          const StateInterval& one, bool of_proc) {
  const std::int64_t length = one.length_ns();
  if (length < least_block_ns_) return;
  const auto longer = [](const TracePicture::Block& a, const TracePicture::Block& b) {
    return a.end_ns - a.begin_ns > b.end_ns - b.begin_ns;
  };
  if (row.blocks.size() == kMostBlocks) {
    if (length <= row.blocks.front().end_ns - row.blocks.front().begin_ns) return;
    std::ranges::pop_heap(row.blocks, longer);
    row.blocks.pop_back();
  }
  block.begin_ns = one.begin_ns;
  block.end_ns = one.end_ns;
  block.flags = one.flags;
  if (one.state == GoState::Running && one.p != 0) block.p = static_cast<std::uint32_t>(proc_id(one.p)) + 1;
  if (of_proc) {
    block.who = goroutine_title(context.lives[one.g].goid, symbols_.text(context.lives[one.g].function));
  } else if (one.state == GoState::Waiting || one.state == GoState::Syscall) {
    block.reason = one.reason;
    const auto places = context.whole.stacks().stack(one.stack);
    // Where the program stands, not the runtime below it.
    for (const std::uint32_t place : places) {
      const model::Frame& frame = symbols_.frame(context.whole.stacks().places[place].frame);
      block.place = frame.function;
      block.line = frame.line;
      if (!model::is_runtime(symbols_.text(frame.function))) break;
    }
    if (one.state == GoState::Waiting && one.ended_by != 0 && one.ended_by != one.g) {
      block.waker = drawn(context, one.ended_by);
      block.waker_name =
          goroutine_title(context.goid(one.ended_by), symbols_.text(context.lives[one.ended_by].function));
    }
  }
  row.blocks.push_back(std::move(block));
  std::ranges::push_heap(row.blocks, longer);
}

TracePicture PictureBuilder::take() {
  count_until(picture_.last_ns);
  study_.finish();
  if (collecting_since_ns_ != INT64_MIN) {
    TraceEvent end;
    end.time_ns = picture_.last_ns;
    end.type = TraceType::GcEnd;
    collection(end);
  }
  for (auto* rows : {&picture_.procs, &picture_.goroutines})
    for (TracePicture::Row& row : *rows)
      std::ranges::sort(row.blocks, std::less(), [](const TracePicture::Block& block) { return block.begin_ns; });
  // A value holds until the next one.
  for (std::size_t i = 1; i < picture_.columns.size(); ++i) {
    TracePicture::Column& column = picture_.columns[i];
    const TracePicture::Column& before = picture_.columns[i - 1];
    if (column.heap == 0) column.heap = before.heap;
    if (column.goal == 0) column.goal = before.goal;
    if (column.max_procs == 0) column.max_procs = before.max_procs;
  }
  return std::move(picture_);
}

}  // namespace gopsy::analyze
