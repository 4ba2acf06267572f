#include "decode/traceback/version_marks.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace gopsy::decode::traceback {
namespace {

using namespace std::string_view_literals;

constexpr unsigned kNoBound = 0;

struct StateRow {
  std::string_view state;
  unsigned oldest;
  unsigned newest;
};

// Wait reasons that came or went, from waitReasonStrings of runtime/runtime2.go; since 1.10 where there is no row.
constexpr std::array kStates{
    StateRow{"sync.Cond.Wait", 11, kNoBound},
    StateRow{"timer goroutine (idle)", kNoBound, 13},
    StateRow{"preempted", 14, kNoBound},
    StateRow{"GC scavenge wait", 14, kNoBound},
    StateRow{"debug call", kNoBound, 18},
    StateRow{"sync.Mutex.Lock", 20, kNoBound},
    StateRow{"sync.RWMutex.RLock", 20, kNoBound},
    StateRow{"sync.RWMutex.Lock", 20, kNoBound},
    StateRow{"GC mark termination", 20, kNoBound},
    StateRow{"stopping the world", 20, kNoBound},
    StateRow{"GC worker (active)", 20, kNoBound},
    StateRow{"coroutine", 22, kNoBound},
    StateRow{"flushing proc caches", 22, kNoBound},
    StateRow{"trace goroutine status", 22, kNoBound},
    StateRow{"trace proc status", 22, kNoBound},
    StateRow{"page trace flush", 22, kNoBound},
    StateRow{"GC weak to strong wait", 23, kNoBound},
    StateRow{"sync.WaitGroup.Wait", 24, kNoBound},
    StateRow{"synctest.Run", 24, kNoBound},
    StateRow{"synctest.Wait", 24, kNoBound},
    StateRow{"chan receive (synctest)", 24, 24},
    StateRow{"chan send (synctest)", 24, 24},
    StateRow{"select (synctest)", 24, 24},
    StateRow{"cleanup wait", 25, kNoBound},
    StateRow{"GOMAXPROCS updater (idle)", 25, kNoBound},
    StateRow{"waiting for cgo callback", 26, kNoBound},
};

struct TextRow {
  std::string_view text;
  unsigned oldest;
  unsigned newest;
  std::string_view mark;
};

constexpr std::string_view kBounds = "the words of a failed bounds check";
constexpr std::string_view kArrays = "the words of a failed conversion to an array";
constexpr std::string_view kCgo = "the words of a failed cgo check";
constexpr std::string_view kNil = "the words for panic(nil)";

// The whole text of a panic.
constexpr std::array kTexts{
    TextRow{"runtime error: index out of range", kNoBound, 12, kBounds},
    TextRow{"runtime error: slice bounds out of range", kNoBound, 12, kBounds},
    TextRow{"panic called with nil argument", 21, 26, kNil},
    TextRow{"runtime error: panic called with nil argument", 27, kNoBound, kNil},
};

// The front of the text of a panic.
constexpr std::array kFronts{
    TextRow{"runtime error: index out of range [", 13, kNoBound, kBounds},
    TextRow{"runtime error: slice bounds out of range [", 13, kNoBound, kBounds},
    TextRow{"runtime error: cannot convert slice with length ", 17, kNoBound, kArrays},
    TextRow{"runtime error: cgo argument has Go pointer to Go pointer", kNoBound, 20, kCgo},
    TextRow{"runtime error: cgo argument has Go pointer to unpinned Go pointer", 21, kNoBound, kCgo},
};

void note_bounds(unsigned oldest, unsigned newest, std::string_view mark, model::GoVersion& version) {
  if (oldest != kNoBound) version.at_least(oldest, mark);
  if (newest != kNoBound) version.at_most(newest, mark);
}

bool consume_digits(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(end);
  return end != 0;
}

// "+3.141590e+000": how print writes a float up to 1.25, always with six decimals and three digits of exponent.
bool is_exponent_float(std::string_view text) {
  if (text.size() != 14 || (text[0] != '+' && text[0] != '-') || text[2] != '.' || text[9] != 'e') return false;
  std::string_view whole = text.substr(1, 1);
  std::string_view decimals = text.substr(3, 6);
  std::string_view exponent = text.substr(11);
  return consume_digits(whole) && whole.empty() && consume_digits(decimals) && decimals.empty() &&
         (text[10] == '+' || text[10] == '-') && consume_digits(exponent) && exponent.empty();
}

// "1.5", "-2e+20": the shortest form, since 1.26. A plain integer says nothing.
bool is_short_float(std::string_view text) {
  if (text.empty() || text[0] == '+') return false;
  consume(text, "-");
  if (!consume_digits(text)) return false;
  const bool decimals = consume(text, ".");
  if (decimals && !consume_digits(text)) return false;
  const bool exponent = consume(text, "e+") || consume(text, "e-");
  if (exponent && !consume_digits(text)) return false;
  return text.empty() && (decimals || exponent);
}

// "1+2i" without its parentheses, as 1.26 prints it.
bool is_short_complex(std::string_view text) {
  return text.ends_with('i') && !text.starts_with('+') && text.find_first_not_of("0123456789.+-ei") == text.npos &&
         text.find_first_of("+-", 1) != text.npos;
}

// The value inside `main.Celsius(…)`: a named basic type, printed so since 1.15; nothing for any other text.
std::string_view named_value(std::string_view text) {
  const auto open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) return {};
  const std::string_view name = text.substr(0, open);
  const auto dot = name.rfind('.');
  const bool named = dot != std::string_view::npos && dot != 0 && dot + 1 < name.size() &&
                     name.find_first_of(" \t:,\"") == std::string_view::npos;
  return named ? text.substr(open + 1, text.size() - open - 2) : std::string_view{};
}

// "(main.T) 0xc000012345" since 1.15, "(main.T) (0x4b2d60,0xc000072010)" before.
void note_address_of_value(std::string_view text, model::GoVersion& version) {
  const auto close = text.rfind(") ");
  if (!text.starts_with('(') || close == std::string_view::npos) {
    if (text.starts_with('(') && text.ends_with(')')) {
      const auto pair = text.rfind(") (0x");
      if (pair != std::string_view::npos && text.find(",0x", pair) != std::string_view::npos)
        version.at_most(14, "a panic value printed as two words");
    }
    return;
  }
  const std::string_view value = text.substr(close + 2);
  if (value.starts_with("0x") && parse_hex(value)) version.at_least(15, "a panic value printed as one address");
  if (value.starts_with("(0x") && value.contains(",0x")) version.at_most(14, "a panic value printed as two words");
}

}  // namespace

void note_header(const GoroutineHeader& header, model::GoVersion& version) {
  if (header.labels_in_brackets) version.at_least(26, "labels inside the goroutine header");
  if (!header.labels.empty() && !header.labels_in_brackets) version.at_least(27, "labels after the goroutine state");
  if (header.leaked) version.at_least(26, "\"(leaked)\" in a goroutine header");
  if (header.durable) version.at_least(25, "\"(durable)\" in a goroutine header");
  if (header.has_gp) version.at_least(22, "gp= in a goroutine header");
}

void note_state(std::string_view state, model::GoVersion& version) {
  const auto row = std::ranges::find(kStates, state, &StateRow::state);
  if (row != kStates.end()) note_bounds(row->oldest, row->newest, "the state \"" + std::string(state) + '"', version);
}

void note_function(std::string_view function, std::string_view args, model::GoVersion& version) {
  if (function.contains(".gowrap") || function.contains(".deferwrap"))
    version.at_least(22, "a gowrap or deferwrap frame");
  if (function.contains("-range")) version.at_least(23, "a range-over-func frame");
  // gopanic's one interface argument: two flat words up to 1.16, an aggregate since.
  if (function == "panic" && args.starts_with("0x")) version.at_most(16, "flat arguments of panic");
}

// Locks got wait reasons of their own in 1.20, WaitGroups in 1.24; before, all said "semacquire".
void note_wait(std::string_view state, std::string_view function, model::GoVersion& version) {
  if (state != "semacquire") return;
  if (function == "sync.(*WaitGroup).Wait") version.at_most(23, "a WaitGroup waited for as \"semacquire\"");
  if (function == "sync.(*Mutex).lockSlow" || function == "sync.(*RWMutex).RLock" || function == "sync.(*RWMutex).Lock")
    version.at_most(19, "a lock waited for as \"semacquire\"");
}

void note_created_by(const CreatedBy& created, model::GoVersion& version) {
  if (created.goroutine != 0) {
    version.at_least(21, "\"in goroutine N\" behind the creator");
  } else if (!created.function.starts_with("time.") && !created.function.starts_with("runtime.") &&
             !created.function.starts_with("os/signal.")) {
    // Runtime-made goroutines have no known parent in any version; all others are named since 1.21.
    version.at_most(20, "no \"in goroutine N\" behind the creator");
  }
}

void note_panic(const PanicLine& panic, model::GoVersion& version) {
  if (panic.repanicked) version.at_least(25, "\"[recovered, repanicked]\"");
  const std::string_view text = panic.text;
  for (const TextRow& row : kTexts)
    if (text == row.text) note_bounds(row.oldest, row.newest, row.mark, version);
  for (const TextRow& row : kFronts)
    if (text.starts_with(row.text)) note_bounds(row.oldest, row.newest, row.mark, version);
  if (text.starts_with("runtime error: cannot convert slice with length ")) {
    if (text.contains("to array or pointer to array"))
      version.at_least(20, kArrays);
    else
      version.at_most(19, kArrays);
  }
  // Named values only where the text cannot be a sentence; a bare "1.5" may be a string.
  const std::string_view value = named_value(text);
  const bool bracketed = text.starts_with('(') && text.ends_with("i)");
  const std::string_view complex = bracketed ? text.substr(1, text.size() - 2) : value;
  if (is_exponent_float(text) || is_exponent_float(value) || is_exponent_float(complex.substr(0, 14)))
    version.at_most(25, "floats printed with a sign and exponent");
  if (is_short_float(value) || is_short_complex(complex)) version.at_least(26, "floats printed in their shortest form");
  note_address_of_value(text, version);
}

// fp= sp= pc= go with gp= in the header since that exists.
void note_pointers(bool has_gp, model::GoVersion& version) {
  if (!has_gp) version.at_most(21, "stack pointers under a header without gp=");
}

void note_signal_header(const SignalHeader& header, std::string_view name, model::GoVersion& version) {
  if (!name.starts_with("SIGSEGV") && !name.starts_with("SIGBUS")) return;
  if (header.address) {
    version.at_least(22, "addr= in the signal header");
  } else {
    version.at_most(21, "no addr= in the signal header");
  }
}

}  // namespace gopsy::decode::traceback
