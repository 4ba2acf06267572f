#include "analyze/http_leaks.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/creators.h"
#include "analyze/per_stack.h"

namespace gopsy::analyze {
namespace {

using model::Goroutine;
using model::WaitKind;
using Verdicts = std::unordered_map<const Goroutine*, HttpVerdict>;

constexpr std::size_t kBodiesFrom = 3;
constexpr std::uint32_t kOldRequestMinutes = 5;
constexpr std::uint32_t kOldConnectionMinutes = 5;
constexpr std::size_t kConnectionsFrom = 16;

constexpr std::string_view kReadLoop = "net/http.(*persistConn).readLoop";
constexpr std::string_view kWriteLoop = "net/http.(*persistConn).writeLoop";
constexpr std::string_view kRoundTrip = "net/http.(*persistConn).roundTrip";

// The receiver's address as printed; it is unmarked in these loops, because they never give it up.
std::string_view receiver_of(std::string_view args) {
  const std::string_view first = args.substr(0, args.find(','));
  return first.starts_with("0x") && !first.ends_with('?') ? first : std::string_view();
}

bool uses_a_body(std::string_view function) {
  static constexpr std::array<std::string_view, 11> kReaders{"net/http.(*bodyEOFSignal)",
                                                             "net/http/httputil.(*ReverseProxy)",
                                                             "io.Copy",
                                                             "io.copyBuffer",
                                                             "io.ReadAll",
                                                             "io/ioutil.ReadAll",
                                                             "encoding/json.(*Decoder)",
                                                             "encoding/xml.(*Decoder)",
                                                             "bufio.(*Scanner)",
                                                             "bufio.(*Reader)",
                                                             "compress/gzip.(*Reader)"};
  return std::ranges::any_of(kReaders, [&](auto prefix) { return function.starts_with(prefix); });
}

constexpr std::uint32_t kNoFrame = UINT32_MAX;

struct Stack {
  const Goroutine* goroutine = nullptr;
  const model::TracebackFrame* leaf = nullptr;  // the innermost outside the runtime
  std::string_view receiver;                    // of the persistConn, where the stack has one
  std::uint32_t persistent = kNoFrame;          // the outermost frame of a persistConn
  bool round_trip = false;
  bool without_timeout = false;
  bool serves = false;  // below a server's connection
  bool reads_request = false;
  bool program = false;
  bool uses_body = false;
};

Stack stack_of(const model::Traceback& traceback, const Goroutine& goroutine, const model::Symbols& symbols) {
  Stack stack{.goroutine = &goroutine};
  const auto frames = traceback.frames_of(goroutine);
  for (std::uint32_t i = 0; i < frames.size(); ++i) {
    const auto& frame = frames[i];
    const std::string_view function = symbols.text(frame.function);
    if (stack.leaf == nullptr && !model::is_runtime(function)) stack.leaf = &frame;
    if (function.starts_with("net/http.(*persistConn).")) {
      stack.persistent = i;
      stack.round_trip |= function == kRoundTrip;
    }
    stack.without_timeout |= is_call_without_timeout(function);
    stack.serves |= function == "net/http.(*conn).serve";
    stack.reads_request |= function == "net/http.(*conn).readRequest";
    stack.program |= !symbols.is_standard_library(frame.function) && !is_go_wrapper(frame, goroutine, symbols);
    stack.uses_body |= uses_a_body(function);
  }
  return stack;
}

bool may_act(const Goroutine& goroutine) {
  switch (goroutine.wait) {
    case WaitKind::Running:
    case WaitKind::Runnable:
    case WaitKind::Syscall:
    case WaitKind::IoWait:
    case WaitKind::Sleep:
    case WaitKind::None: return true;
    default: return false;
  }
}

// Goroutines that may hold a response at this moment.
std::size_t readers(const std::vector<Stack>& stacks) {
  std::size_t readers = 0;
  std::map<std::pair<StringId, std::uint32_t>, std::size_t> crowds;
  for (const Stack& s : stacks) {
    // The connection's own loops read through bufio as well.
    if (!s.program && !s.receiver.empty() && !s.round_trip) continue;
    const bool works = s.program && (may_act(*s.goroutine) || (s.serves && s.goroutine->wait == WaitKind::Select));
    if (s.uses_body || (works && s.serves))
      ++readers;
    else if (works && s.leaf != nullptr)
      ++crowds[{s.goroutine->created_by, s.goroutine->created_line}];
  }
  // A goroutine by itself does something of its own; several of one go statement are workers, who may all have one.
  for (const auto& [site, count] : crowds)
    if (count >= 2) readers += count;
  return readers;
}

void find_bodies(const std::vector<Stack>& stacks, const model::Symbols& symbols, Verdicts& verdicts) {
  std::vector<const Stack*> waiting;
  for (const Stack& s : stacks)
    if (s.leaf != nullptr && symbols.text(s.leaf->function) == kReadLoop && s.goroutine->wait == WaitKind::Select)
      waiting.push_back(&s);
  if (waiting.size() < kBodiesFrom || waiting.size() < readers(stacks) + kBodiesFrom) return;
  std::map<std::string_view, bool> connections;
  for (const Stack* s : waiting) {
    verdicts.try_emplace(s->goroutine, HttpVerdict{});
    if (!s->receiver.empty()) connections.try_emplace(s->receiver, true);
  }
  for (const Stack& s : stacks)
    if (s.leaf != nullptr && symbols.text(s.leaf->function) == kWriteLoop && connections.contains(s.receiver))
      verdicts.try_emplace(s.goroutine, HttpVerdict{});
}

bool is_endless_request(const Stack& s) {
  if (!s.round_trip) return false;
  // `go http.Get(url)`: nobody can cancel it, and nobody closes its body.
  if (s.without_timeout && !s.program) return true;
  return s.goroutine->minutes >= (s.without_timeout ? 1U : kOldRequestMinutes);
}

void find_requests(const std::vector<Stack>& stacks, Verdicts& verdicts) {
  std::map<std::string_view, HttpVerdict> connections;
  for (const Stack& s : stacks) {
    if (!is_endless_request(s)) continue;
    const HttpVerdict verdict{.kind = LeakKind::HttpRequest,
                              .belief = Belief::Likely,
                              .reason = s.without_timeout ? LeakReason::Frames : LeakReason::Age};
    verdicts.try_emplace(s.goroutine, verdict);
    if (!s.receiver.empty()) connections.try_emplace(s.receiver, verdict);
  }
  for (const Stack& s : stacks) {
    const auto connection = connections.find(s.receiver);
    if (s.program || s.round_trip || s.receiver.empty() || connection == connections.end()) continue;
    verdicts.try_emplace(s.goroutine, connection->second);
  }
}

// A connection that has not sent its next request for minutes: ReadHeaderTimeout or IdleTimeout would have ended it.
void find_connections(const std::vector<Stack>& stacks, Verdicts& verdicts) {
  std::vector<const Stack*> old;
  for (const Stack& s : stacks)
    if (s.serves && !s.program && s.goroutine->wait == WaitKind::IoWait &&
        s.goroutine->minutes >= kOldConnectionMinutes)
      old.push_back(&s);
  if (old.size() < kConnectionsFrom) return;
  for (const Stack* s : old)
    verdicts.try_emplace(
        s->goroutine, HttpVerdict{.kind = LeakKind::HttpServer, .belief = Belief::Likely, .reason = LeakReason::Age});
}

}  // namespace

bool is_call_without_timeout(std::string_view function) {
  return function == "net/http.Get" || function == "net/http.Head" || function == "net/http.Post" ||
         function == "net/http.PostForm";
}

Verdicts http_leaks(const model::Traceback& traceback, const model::Symbols& symbols) {
  std::vector<Stack> stacks;
  PerStack<Stack> per_stack(traceback);
  bool any = false;
  for (const Goroutine& goroutine : traceback.goroutines) {
    if (goroutine.system) continue;
    Stack& stack =
        stacks.emplace_back(per_stack.of(goroutine, [&] { return stack_of(traceback, goroutine, symbols); }));
    stack.goroutine = &goroutine;
    if (stack.persistent != kNoFrame)
      stack.receiver = receiver_of(symbols.text(traceback.frames_of(goroutine)[stack.persistent].args));
    any |= !stacks.back().receiver.empty() || stacks.back().serves;
  }
  Verdicts verdicts;
  if (!any) return verdicts;
  find_requests(stacks, verdicts);
  find_bodies(stacks, symbols, verdicts);
  find_connections(stacks, verdicts);
  return verdicts;
}

}  // namespace gopsy::analyze
