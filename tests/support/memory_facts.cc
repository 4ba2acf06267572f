#include "support/memory_facts.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "base/format.h"
#include "model/wait_facts.h"

namespace gopsy::test {
namespace {

class Parser {
 public:
  Parser(model::Traceback& traceback, const model::Symbols& symbols) : traceback_(traceback), symbols_(symbols) {}

  std::string parse(std::string_view text) {
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string verb;
      if (!(words >> verb) || verb[0] == '#') continue;
      if (!take(verb, words)) return fmt::format("memory facts: not understood: {}", line);
    }
    std::ranges::stable_sort(facts_.edges, {}, &model::WaitEdge::goroutine);
    std::ranges::stable_sort(facts_.holds, {}, &model::LockHold::object);
    traceback_.waits = std::make_shared<const model::WaitFacts>(std::move(facts_));
    return {};
  }

 private:
  using Kind = model::WaitObject::Kind;

  bool take(std::string_view verb, std::istringstream& words) {
    std::string first;
    std::string second;
    std::string third;
    std::string fourth;
    words >> first >> second >> third >> fourth;
    if (verb == "mutex" || verb == "rwmutex") {
      facts_.objects.push_back({.kind = verb == "mutex" ? Kind::Mutex : Kind::RWMutex,
                                .address = number(first),
                                .known = true,
                                .locked = second == "locked"});
      return second == "locked" || second == "free";
    }
    if (verb == "waitgroup") {
      facts_.objects.push_back({.kind = Kind::WaitGroup,
                                .address = number(first),
                                .known = true,
                                .outstanding = static_cast<std::int64_t>(number(second))});
      return !second.empty();
    }
    if (verb == "orphan") {
      facts_.orphan_confidence = std::strtod(second.c_str(), nullptr);
      facts_.orphans.push_back(object(first));
      return facts_.orphans.back() < facts_.objects.size();
    }
    const std::uint32_t row = goroutine(first);
    if (row >= traceback_.goroutines.size() || object(second) >= facts_.objects.size()) return false;
    if (verb == "wait") {
      using Act = model::WaitEdge::Act;
      const Act act = third == "lock" ? Act::Lock : third == "rlock" ? Act::ReadLock : Act::Wait;
      facts_.edges.push_back({.goroutine = row, .object = object(second), .act = act});
      return true;
    }
    if (verb != "hold") return false;
    const auto frames = traceback_.frames_of(traceback_.goroutines[row]);
    const auto frame = std::ranges::find_if(frames, [&](const auto& f) { return symbols_.text(f.function) == fourth; });
    if (frame == frames.end()) return false;
    facts_.holds.push_back({.goroutine = row,
                            .object = object(second),
                            .frame = static_cast<std::uint32_t>(&*frame - traceback_.frames.data()),
                            .proof = third == "ahead" ? model::HoldProof::Ahead : model::HoldProof::Deferred,
                            .reading = third == "reading",
                            .confidence = third == "ahead" ? 0.95 : 0.97});
    return true;
  }

  static std::uint64_t number(const std::string& text) { return std::strtoull(text.c_str(), nullptr, 0); }

  [[nodiscard]] std::uint32_t object(const std::string& address) const {
    const auto found = std::ranges::find(facts_.objects, number(address), &model::WaitObject::address);
    return static_cast<std::uint32_t>(found - facts_.objects.begin());
  }

  [[nodiscard]] std::uint32_t goroutine(const std::string& id) const {
    const auto found = std::ranges::find(traceback_.goroutines, number(id), &model::Goroutine::id);
    return static_cast<std::uint32_t>(found - traceback_.goroutines.begin());
  }

  model::Traceback& traceback_;
  const model::Symbols& symbols_;
  model::WaitFacts facts_;
};

}  // namespace

std::string attach_memory(std::string_view text, model::Log& log, const model::Symbols& symbols) {
  if (log.tracebacks.empty()) return "memory facts beside a log without a traceback";
  return Parser(log.tracebacks.front(), symbols).parse(text);
}

}  // namespace gopsy::test
