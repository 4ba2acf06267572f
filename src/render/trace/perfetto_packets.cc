#include "render/trace/perfetto_packets.h"

#include <algorithm>

#include "base/text.h"
#include "base/wire_out.h"

namespace gopsy::render {
namespace {

// Field numbers of the messages that we write.
enum Trace : std::uint32_t { kPacket = 1 };
enum Packet : std::uint32_t {
  kClockSnapshot = 6,
  kTimestamp = 8,
  kSequenceId = 10,
  kTrackEvent = 11,
  kInternedData = 12,
  kSequenceFlags = 13,
  kTrackDescriptor = 60
};
enum SequenceFlag : std::uint32_t { kCleared = 1, kNeedsState = 2 };
enum Clocks : std::uint32_t { kClock = 1, kPrimaryClock = 2, kClockId = 1, kClockTime = 2 };
enum ClockIds : std::uint32_t { kRealtime = 1, kMonotonic = 3 };
enum Descriptor : std::uint32_t {
  kUuid = 1,
  kTrackName = 2,
  kProcess = 3,
  kParent = 5,
  kCounterDescriptor = 8,
  kChildOrdering = 11,
  kRank = 12
};
enum ProcessDescriptor : std::uint32_t { kPid = 1, kProcessName = 6 };
enum CounterDescriptor : std::uint32_t { kCounterUnit = 3 };
constexpr std::uint32_t kExplicitOrdering = 3;
enum TrackEvent : std::uint32_t {
  kAnnotation = 4,
  kType = 9,
  kNameIid = 10,
  kTrackUuid = 11,
  kEventName = 23,
  kCounterValue = 30,
  kFlow = 47,
  kEndedFlow = 48,
  kCallstackIid = 56
};
enum Interned : std::uint32_t {
  kEventNames = 2,
  kAnnotationNames = 3,
  kFunctionNames = 5,
  kFrames = 6,
  kCallstacks = 7,
  kMappingPaths = 17,
  kSourcePaths = 18,
  kMappings = 19
};
enum Entry : std::uint32_t { kIid = 1, kText = 2 };
enum Frame : std::uint32_t { kFunctionId = 2, kMappingId = 3, kRelativePc = 4, kSourcePath = 5, kLine = 6 };
constexpr std::uint32_t kCallstackFrames = 2;
constexpr std::uint32_t kMappingPath = 7;
enum Annotation : std::uint32_t { kAnnotationNameIid = 1, kUint = 3 };

constexpr std::size_t kPiece = std::size_t{1} << 18;

// Damaged clocks go backwards beyond zero, which the format cannot say.
// Perfetto's times are unsigned, and a trace before Go 1.22 begins at -1: all are one later.
std::uint64_t stamp(std::int64_t ns) { return static_cast<std::uint64_t>(std::max<std::int64_t>(ns, -1)) + 1; }

bool mark(std::vector<bool>& known, std::size_t at) {
  if (at >= known.size()) known.resize(at + at / 4 + 1);
  const bool is_new = !known[at];
  known[at] = true;
  return is_new;
}

}  // namespace

PerfettoPackets::PerfettoPackets(TextSink sink) : sink_(std::move(sink)) {
  out_.reserve(kPiece + kPiece / 8);
  // Frames need a mapping to be in; a trace does not name the binary.
  WireOut interned(interned_);
  nested_.clear();
  WireOut(nested_).varint(kIid, std::uint64_t{1});
  WireOut(nested_).bytes(kText, "go");
  interned.bytes(kMappingPaths, nested_);
  nested_.clear();
  WireOut(nested_).varint(kIid, std::uint64_t{1});
  WireOut(nested_).varint(kMappingPath, std::uint64_t{1});
  interned.bytes(kMappings, nested_);
}

void PerfettoPackets::flush() {
  if (!out_.empty() && wanted_) wanted_ = sink_(out_);
  bytes_ += out_.size();
  out_.clear();
}

void PerfettoPackets::packet(const std::int64_t* ns, unsigned field, std::string_view content) {
  // Lengths come before what they measure: the packet is counted first, then written.
  const auto varint_size = [](std::uint64_t value) {
    std::size_t size = 1;
    for (; value >= 0x80; value >>= 7) ++size;
    return size;
  };
  const std::uint64_t time = ns == nullptr ? 0 : stamp(*ns);
  const std::size_t key = field < 16 ? 1 : 2;
  std::size_t size = key + varint_size(content.size()) + content.size() + 4;
  if (ns != nullptr) size += 1 + varint_size(time);
  if (!interned_.empty()) size += 1 + varint_size(interned_.size()) + interned_.size();
  WireOut out(out_);
  out.raw(kPacket << 3 | 2);
  out.raw(size);
  if (ns != nullptr) out.varint(kTimestamp, time);
  out.varint(kSequenceId, std::uint64_t{1});
  out.varint(kSequenceFlags, std::uint64_t{first_ ? kCleared | kNeedsState : kNeedsState});
  if (!interned_.empty()) out.bytes(kInternedData, interned_);
  out.bytes(field, content);
  interned_.clear();
  first_ = false;
  if (out_.size() >= kPiece) flush();
}

void PerfettoPackets::track(const Track& track) {
  body_.clear();
  WireOut body(body_);
  body.varint(kUuid, track.uuid);
  if (track.parent != 0) body.varint(kParent, track.parent);
  if (track.process) {
    nested_.clear();
    WireOut(nested_).varint(kPid, std::uint64_t{1});
    WireOut(nested_).bytes(kProcessName, printable(track.name));
    body.bytes(kProcess, nested_);
  } else {
    body.bytes(kTrackName, printable(track.name));
  }
  if (track.counter) {
    nested_.clear();
    if (track.unit != Unit::None) WireOut(nested_).varint(kCounterUnit, static_cast<std::uint64_t>(track.unit));
    body.bytes(kCounterDescriptor, nested_);
  } else {
    body.varint(kChildOrdering, std::uint64_t{kExplicitOrdering});
  }
  body.varint(kRank, std::clamp<std::int64_t>(track.rank, 0, INT32_MAX));
  packet(nullptr, kTrackDescriptor, body_);
}

void PerfettoPackets::clock(std::int64_t ns, std::int64_t wall_ns) {
  body_.clear();
  for (const auto& [id, time] : {std::pair{kMonotonic, stamp(ns)}, std::pair{kRealtime, stamp(wall_ns)}}) {
    nested_.clear();
    WireOut(nested_).varint(kClockId, std::uint64_t{id});
    WireOut(nested_).varint(kClockTime, time);
    WireOut(body_).bytes(kClock, nested_);
  }
  WireOut(body_).varint(kPrimaryClock, std::uint64_t{kMonotonic});
  packet(nullptr, kClockSnapshot, body_);
}

void PerfettoPackets::event(const Event& event, const analyze::WholeTrace& whole) {
  const bool has_stack = event.stack > model::TraceStacks::kLost;
  if (has_stack && mark(stacks_, event.stack)) intern_stack(event.stack, whole);
  body_.clear();
  WireOut body(body_);
  if (event.task != 0) {
    nested_.clear();
    if (!task_named_) {
      WireOut(nested_).varint(kIid, std::uint64_t{1});
      WireOut(nested_).bytes(kText, "task");
      WireOut(interned_).bytes(kAnnotationNames, nested_);
      nested_.clear();
      task_named_ = true;
    }
    WireOut(nested_).varint(kAnnotationNameIid, std::uint64_t{1});
    WireOut(nested_).varint(kUint, event.task);
    body.bytes(kAnnotation, nested_);
  }
  body.varint(kType, static_cast<std::uint64_t>(event.kind));
  if (event.name != 0) body.varint(kNameIid, event.name);
  body.varint(kTrackUuid, event.track);
  if (!event.words.empty()) body.bytes(kEventName, printable(event.words));
  if (event.kind == Kind::Counter) body.varint(kCounterValue, event.value);
  if (event.flow != 0) body.fixed64(kFlow, event.flow);
  if (event.ends != 0) body.fixed64(kEndedFlow, event.ends);
  if (has_stack) body.varint(kCallstackIid, std::uint64_t{event.stack});
  packet(&event.ns, kTrackEvent, body_);
}

void PerfettoPackets::intern_name(std::uint64_t iid, std::string_view words) {
  nested_.clear();
  WireOut(nested_).varint(kIid, iid);
  WireOut(nested_).bytes(kText, printable(words));
  WireOut(interned_).bytes(kEventNames, nested_);
}

void PerfettoPackets::intern_text(unsigned field, std::vector<bool>& known, StringId id,
                                  const analyze::WholeTrace& whole) {
  if (id.none() || !mark(known, id.value)) return;
  std::string entry;
  WireOut(entry).varint(kIid, std::uint64_t{id.value});
  WireOut(entry).bytes(kText, printable(whole.symbols().text(id)));
  WireOut(interned_).bytes(field, entry);
}

void PerfettoPackets::intern_stack(std::uint32_t stack, const analyze::WholeTrace& whole) {
  const auto rows = whole.stacks().stack(stack);
  for (const std::uint32_t row : rows) {
    if (!mark(frames_, row)) continue;
    const model::TracePlace& place = whole.stacks().places[row];
    const model::Frame& frame = whole.symbols().frame(place.frame);
    intern_text(kFunctionNames, functions_, frame.function, whole);
    intern_text(kSourcePaths, files_, frame.file, whole);
    nested_.clear();
    WireOut out(nested_);
    out.varint(kIid, std::uint64_t{row} + 1);
    out.optional(kFunctionId, frame.function.value);
    out.varint(kMappingId, std::uint64_t{1});
    out.varint(kRelativePc, place.pc);
    out.optional(kSourcePath, frame.file.value);
    out.optional(kLine, frame.line);
    WireOut(interned_).bytes(kFrames, nested_);
  }
  nested_.clear();
  WireOut out(nested_);
  out.varint(kIid, std::uint64_t{stack});
  // The outermost first.
  for (std::size_t i = rows.size(); i-- > 0;) out.varint(kCallstackFrames, std::uint64_t{rows[i]} + 1);
  WireOut(interned_).bytes(kCallstacks, nested_);
}

}  // namespace gopsy::render
