#include "decode/trace/v1_records.h"

#include "decode/trace/varint.h"

namespace gopsy::decode::trace {
namespace {

struct Spec {
  std::uint8_t args = 0;  // all, the difference of time and the stack included
  std::uint8_t since = 11;
};

constexpr std::size_t kTypes = 50;
constexpr std::uint64_t kMostPrefixed = 2048;
constexpr std::uint64_t kMostText = 1'000'000;

constexpr std::array<Spec, kTypes> make_specs() {
  std::array<Spec, kTypes> table{};
  const auto row = [&table](V1Type type, std::uint8_t args, bool stack = false, std::uint8_t since = 11) {
    table[static_cast<std::size_t>(type)] = {.args = static_cast<std::uint8_t>(args + 1 + (stack ? 1 : 0)),
                                             .since = since};
  };
  using enum V1Type;
  row(Gomaxprocs, 1, true);
  row(ProcStart, 1);
  row(ProcStop, 0);
  row(GcStart, 1, true);
  row(GcDone, 0);
  row(StwStart, 1);
  row(StwDone, 0);
  row(SweepStart, 0, true);
  row(SweepDone, 2);
  row(GoCreate, 2, true);
  row(GoStart, 2);
  row(GoEnd, 0);
  for (const V1Type block : {GoStop, GoSched, GoPreempt, GoSleep, GoBlock, GoBlockSend, GoBlockRecv, GoBlockSelect,
                             GoBlockSync, GoBlockCond, GoBlockNet, GoSysCall, GoBlockGc, AssistStart})
    row(block, 0, true);
  row(GoUnblock, 2, true);
  row(GoSysExit, 3);
  row(GoSysBlock, 0);
  row(GoWaiting, 1);
  row(GoInSyscall, 1);
  row(HeapAlloc, 1);
  row(HeapGoal, 1);
  row(FutileWakeup, 0);
  row(GoStartLocal, 1);
  row(GoUnblockLocal, 1, true);
  row(GoSysExitLocal, 2);
  row(GoStartLabel, 3);
  row(AssistDone, 0);
  row(TaskCreate, 3, true);
  row(TaskEnd, 1, true);
  row(Region, 3, true);
  row(Log, 2, true);
  row(CpuSample, 3, true, 19);
  // These have no difference of time.
  table[static_cast<std::size_t>(Frequency)].args = 1;
  table[static_cast<std::size_t>(TimerGoroutine)].args = 1;
  return table;
}

constexpr std::array<Spec, kTypes> kSpecs = make_specs();

class Taker {
 public:
  Taker(std::string_view bytes, unsigned format)
      : start_(reinterpret_cast<const std::uint8_t*>(bytes.data())),
        at_(start_),
        end_(start_ + bytes.size()),
        format_(format) {}

  Result<V1Record> take() {
    const std::uint8_t head = *at_++;
    V1Record record{.type = static_cast<V1Type>(head & 0x3F), .count = 0, .args = {}, .text = {}, .frames = {}};
    const unsigned inlined = (head >> 6) + 1U;
    if (record.type == V1Type::None || (head & 0x3F) >= kTypes || kSpecs[head & 0x3F].since > format_)
      return fail(Errc::Malformed, "unknown event type {}", head & 0x3F);
    if (record.type == V1Type::String) {
      if (auto done = string(record); !done) return std::unexpected(done.error());
      return record;
    }
    if (record.type == V1Type::Batch) {
      if (inlined != 2) return fail(Errc::Malformed, "a batch has the wrong number of arguments: {}", inlined);
      if (auto done = numbers(record, 2); !done) return std::unexpected(done.error());
      if (record.args[0] != ~std::uint64_t{0} && record.args[0] > INT32_MAX)
        return fail(Errc::Malformed, "processor ID {} is too large", record.args[0]);
      return record;
    }
    const Spec& spec = kSpecs[head & 0x3F];
    const bool prefixed = inlined > 3;
    if (!prefixed) {
      if (auto done = numbers(record, inlined); !done) return std::unexpected(done.error());
      if (record.type == V1Type::Stack) return fail(Errc::Malformed, "a stack has too few arguments: {}", inlined);
    } else if (auto done = prefixed_numbers(record); !done) {
      return std::unexpected(done.error());
    }
    if (record.type != V1Type::Stack && record.count != spec.args)
      return fail(Errc::Malformed, "an event of type {} has the wrong number of arguments: {}", head & 0x3F,
                  record.count);
    if (record.type == V1Type::Log && prefixed) {
      if (auto done = text(record, true); !done) return std::unexpected(done.error());
    }
    return record;
  }

  [[nodiscard]] std::size_t taken() const { return static_cast<std::size_t>(at_ - start_); }

 private:
  std::unexpected<Error> fail(Errc code, const char* what, std::uint64_t a = 0, std::uint64_t b = 0) const {
    return std::unexpected(Error{.code = code, .offset = taken(), .what = what, .a = a, .b = b});
  }

  Result<void> number(std::uint64_t& value) {
    const std::uint8_t* const behind = read_varint(at_, end_, value);
    if (behind == nullptr) {
      if (static_cast<std::size_t>(end_ - at_) < kMostVarintBytes) return fail(Errc::Truncated, "a record is cut");
      return fail(Errc::Malformed, "malformatted base-128 varint");
    }
    at_ = behind;
    return {};
  }

  Result<void> numbers(V1Record& record, unsigned count) {
    for (unsigned i = 0; i < count; ++i)
      if (auto done = number(record.args[record.count++]); !done) return done;
    return {};
  }

  // The first number is the length in bytes of the others.
  Result<void> prefixed_numbers(V1Record& record) {
    std::uint64_t bytes = 0;
    if (auto done = number(bytes); !done) return done;
    if (bytes > kMostPrefixed)
      return fail(Errc::Malformed, "length-prefixed argument too big: {} bytes, limit is {}", bytes, kMostPrefixed);
    if (bytes > static_cast<std::uint64_t>(end_ - at_)) return fail(Errc::Truncated, "a record is cut");
    const std::uint8_t* const whole_end = end_;
    end_ = at_ + bytes;
    Result<void> done;
    const std::size_t most = record.type == V1Type::Stack ? 2 : V1Record::kMostArgs;
    while (at_ != end_ && record.count < most && done) done = number(record.args[record.count++]);
    if (done && record.type == V1Type::Stack) {
      done = frames(record);
    } else if (done && at_ != end_) {
      done = fail(Errc::Malformed, "an event of type {} has the wrong number of arguments",
                  static_cast<std::uint64_t>(record.type));
    }
    // All of it is there, so what does not fit is no cut.
    if (!done) {
      Error error = done.error();
      error.code = Errc::Malformed;
      return std::unexpected(error);
    }
    end_ = whole_end;
    return {};
  }

  Result<void> frames(V1Record& record) {
    constexpr std::uint64_t kMostFrames = 1000;
    if (record.count < 2) return fail(Errc::Malformed, "a stack has too few arguments: {}", record.count);
    if (record.args[1] > kMostFrames) return fail(Errc::Malformed, "a stack has {} frames", record.args[1]);
    const std::uint8_t* const first = at_;
    for (std::uint64_t i = 0; i < record.args[1] * 4; ++i) {
      std::uint64_t value = 0;
      if (auto done = number(value); !done) return done;
    }
    if (at_ != end_) return fail(Errc::Malformed, "a stack has too many arguments");
    record.frames = {reinterpret_cast<const char*>(first), static_cast<std::size_t>(at_ - first)};
    return {};
  }

  Result<void> string(V1Record& record) {
    if (auto done = number(record.args[0]); !done) return done;
    record.count = 1;
    if (record.args[0] == 0) return fail(Errc::Malformed, "string has invalid id 0");
    return text(record, false);
  }

  Result<void> text(V1Record& record, bool may_be_empty) {
    std::uint64_t size = 0;
    if (auto done = number(size); !done) return done;
    if (size == 0 && !may_be_empty) return fail(Errc::Malformed, "string has invalid length 0");
    if (size > kMostText) return fail(Errc::Malformed, "string has too large length {}", size);
    if (size > static_cast<std::uint64_t>(end_ - at_)) return fail(Errc::Truncated, "a record is cut");
    record.text = {reinterpret_cast<const char*>(at_), size};
    at_ += size;
    return {};
  }

  const std::uint8_t* start_;
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  unsigned format_;
};

}  // namespace

Result<V1Record> take_v1_record(std::string_view& bytes, unsigned format) {
  Taker taker(bytes, format);
  auto record = taker.take();
  if (record) bytes.remove_prefix(taker.taken());
  return record;
}

const char* skip_v1_event(const char* at, const char* end, unsigned format) {
  const auto* here = reinterpret_cast<const std::uint8_t*>(at);
  const auto* const stop = reinterpret_cast<const std::uint8_t*>(end);
  const std::uint8_t type = *here & 0x3F;
  const unsigned args = (*here >> 6) + 1U;
  if (type < static_cast<std::uint8_t>(V1Type::Gomaxprocs) || type >= kTypes || args > 3) return nullptr;
  if (kSpecs[type].args != args || kSpecs[type].since > format) return nullptr;
  // Their one number is no time.
  if (type == static_cast<std::uint8_t>(V1Type::TimerGoroutine)) return nullptr;
  ++here;
  for (unsigned i = 0; i < args && here != nullptr; ++i) {
    std::uint64_t value = 0;
    here = read_varint(here, stop, value);
  }
  return reinterpret_cast<const char*>(here);
}

V1Record reread_v1_record(const char*& at, const char* end) {
  const auto* here = reinterpret_cast<const std::uint8_t*>(at);
  const auto* const stop = reinterpret_cast<const std::uint8_t*>(end);
  V1Record record{.type = static_cast<V1Type>(*here & 0x3F), .count = 0, .args = {}, .text = {}, .frames = {}};
  const unsigned inlined = *here++ >> 6;
  std::uint64_t skipped = 0;
  if (inlined == 3) here = read_varint(here, stop, skipped);
  record.count = kSpecs[static_cast<std::size_t>(record.type)].args;
  for (std::uint8_t i = 0; i < record.count; ++i) here = read_varint(here, stop, record.args[i]);
  if (record.type == V1Type::Log && inlined == 3) {
    here = read_varint(here, stop, skipped);
    record.text = {reinterpret_cast<const char*>(here), skipped};
    here += skipped;
  }
  at = reinterpret_cast<const char*>(here);
  return record;
}

}  // namespace gopsy::decode::trace
