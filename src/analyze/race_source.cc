#include "analyze/race_source.h"

#include <algorithm>
#include <map>
#include <optional>

#include "analyze/go_lines.h"
#include "base/format.h"
#include "base/text.h"

namespace gopsy::analyze {
namespace {

// One side, with its line of source; of the go statement where no frame of the program was printed.
struct Line {
  const RaceSide& side;
  GoLines lines;
  std::string code;
  std::vector<Operand> operands;
};

std::string_view last_name(std::string_view text) { return text.substr(text.rfind('.') + 1); }
std::string_view first_name(std::string_view text) { return text.substr(0, text.find('.')); }

// What both lines name. The same text counts most, then an assignment on a side that writes, then the longer name.
std::optional<std::pair<Operand, Operand>> common_operand(const Line& a, const Line& b) {
  std::optional<std::pair<Operand, Operand>> best;
  int best_score = 0;
  for (const Operand& x : a.operands) {
    for (const Operand& y : b.operands) {
      const bool fields = x.text.contains('.') && y.text.contains('.') && last_name(x.text) == last_name(y.text);
      if (x.text != y.text && !fields) continue;
      int score = x.text == y.text ? 2 : 1;
      if (a.side.access->write && x.assigned) score += 4;
      if (b.side.access->write && y.assigned) score += 4;
      if (x.text.contains('.')) score += 1;
      if (score <= best_score) continue;
      best_score = score;
      best = std::pair(x, y);
    }
  }
  return best;
}

struct Held {
  std::string lock;  ///< "c.mu"; empty for none
  bool read = false;
};

// Locks that are taken in the function above the operand and not given back there.
Held lock_held(const Line& line, std::uint32_t first, std::size_t column) {
  std::map<std::string, bool> held;  // -> read
  const std::uint32_t racing = line.side.place->line;
  for (std::uint32_t i = first; i <= racing && first != 0; ++i) {
    std::string code = line.lines.code(i);
    if (i == racing) code.resize(std::min(column, code.size()));
    for (const std::string_view statement : split(code, ';')) {
      if (statement.contains("defer ")) continue;
      for (const std::string_view call : {".RLock()", ".RUnlock()", ".Lock()", ".Unlock()"}) {
        const auto at = statement.find(call);
        if (at == std::string_view::npos) continue;
        const auto start = statement.find_last_of(" \t{(&", at) + 1;
        const std::string name(statement.substr(start, at - start));
        if (call.contains("Unlock")) {
          held.erase(name);
        } else {
          held[name] = call == ".RLock()";
        }
      }
    }
  }
  return held.empty() ? Held{} : Held{.lock = held.begin()->first, .read = held.begin()->second};
}

std::uint32_t body_start(const Line& line, const model::Symbols& symbols) {
  const std::uint32_t number = line.side.place->line;
  const std::uint32_t literal =
      is_closure(symbols.text(line.side.place->function)) ? line.lines.literal_start(number) : 0;
  return literal != 0 ? literal : line.lines.function_start(number);
}

void read_locks(Race& race, const Line& a, const Line& b, const std::pair<Operand, Operand>& operands,
                const model::Symbols& symbols) {
  const Held x = lock_held(a, body_start(a, symbols), operands.first.at);
  const Held y = lock_held(b, body_start(b, symbols), operands.second.at);
  if (x.lock.empty() && y.lock.empty()) {
    race.locks = "Neither function takes a lock above its line";
    race.pattern = RacePattern::MissingLock;
  } else if (x.lock.empty() || y.lock.empty()) {
    const Line& bare = x.lock.empty() ? a : b;
    race.locks = fmt::format("{} is held on one side only: {} does not take it", x.lock.empty() ? y.lock : x.lock,
                             model::short_function(symbols.text(bare.side.place->function)));
    race.pattern = RacePattern::PartialLock;
  } else if (last_name(x.lock) != last_name(y.lock) || (!x.lock.contains('.') && x.lock != y.lock)) {
    race.locks = fmt::format("One side holds {}, the other {}", x.lock, y.lock);
    race.pattern = RacePattern::DifferentLocks;
  } else if ((x.read && a.side.access->write) || (y.read && b.side.access->write)) {
    race.locks = fmt::format("{} is held by RLock where {} is written", x.lock, race.expression);
    race.pattern = RacePattern::WriteUnderReadLock;
  } else {
    race.locks = fmt::format("Both sides hold a {}: it may be that of two values", x.lock);
  }
}

// Where the function around a closure declares `name`, if the closure itself does not. 0: it is not captured.
std::uint32_t captured_from(const Line& line, std::string_view name, const model::Symbols& symbols) {
  const std::uint32_t number = line.side.place->line;
  if (!is_closure(symbols.text(line.side.place->function))) return 0;
  const std::uint32_t literal = line.lines.literal_start(number);
  const std::uint32_t function = line.lines.function_start(number);
  if (literal == 0 || function == 0) return 0;
  // On the literal's own line a declaration may stand on either side of it: parameters are local.
  if (literal < number && line.lines.declaration(name, literal + 1, number) != 0) return 0;
  const std::string opening = line.lines.code(literal);
  const auto at = opening.find("func(");
  const std::string parameters = opening.substr(at, opening.find('{', at) - at);
  if (find_word(parameters, name)) return 0;
  return line.lines.declaration(name, function, literal == function ? literal : literal - 1);
}

RacePattern capture_pattern(const GoLines& lines, std::uint32_t declared, std::string_view name) {
  const std::string code = lines.code(declared);
  const std::string_view text = trim(code);
  if (text.starts_with("func ")) {
    const auto results = text.rfind('(', text.rfind('{'));
    const auto at = find_word(text, name);
    const bool named_result = results != std::string_view::npos && at && *at > results && text.find('(') != results;
    if (named_result) return RacePattern::NamedResult;
  }
  if (name == "err") return RacePattern::CapturedError;
  if (text.starts_with("for ")) return RacePattern::CapturedLoopVar;
  return RacePattern::CapturedVariable;
}

bool is_slice(const Line& line, std::string_view name) {
  const std::uint32_t number = line.side.place->line;
  const std::uint32_t local = line.lines.declaration(name, line.lines.function_start(number), number);
  const std::uint32_t declared = local != 0 ? local : line.lines.package_variable(name);
  const std::string code = line.lines.code(declared);
  return code.contains("[]") && !code.contains("map[");
}

bool appends_to(const Line& line, std::string_view name) {
  return line.code.contains(fmt::format("append({},", name)) || line.code.contains(fmt::format("append({})", name));
}

// Plain loads and stores are told apart by their lines; true if the kind is now known.
bool read_plain(Race& race, const Line& a, const Line& b, const std::pair<Operand, Operand>& operands,
                const model::Symbols& symbols) {
  const auto& [x, y] = operands;
  if (appends_to(a, x.text) || appends_to(b, y.text)) {
    race.kind = RaceKind::Slice;
    race.pattern = RacePattern::SliceHeader;
  } else if (x.indexed && y.indexed && is_slice(a, x.text)) {
    race.kind = RaceKind::Slice;
    race.pattern = RacePattern::SliceElement;
  } else if (x.text.contains('.') || y.text.contains('.')) {
    race.kind = RaceKind::Field;
    return false;
  } else {
    for (const Line* line : {&a, &b}) {
      const std::uint32_t declared = captured_from(*line, first_name(x.text), symbols);
      if (declared == 0 || x.indexed) continue;
      race.kind = RaceKind::ClosureCapture;
      race.pattern = capture_pattern(line->lines, declared, first_name(x.text));
      race.confidence = 0.95;
      return true;
    }
    if (a.lines.package_variable(x.text) == 0) return false;
    race.kind = RaceKind::Field;
    race.pattern = RacePattern::Global;
  }
  race.confidence = 0.95;
  return true;
}

// Lock and Unlock are atomics on an int32. In a file that locks and has no atomics of its own, those are a Mutex's.
bool is_copied_mutex(const Race& race, const RaceSources& sources, const model::Symbols& symbols) {
  if (race.kind != RaceKind::MixedAtomic) return false;
  const auto& sides = race.front().sides;
  const std::size_t atomic = sides[0].operation == RaceOperation::Atomic ? 0 : 1;
  if (sides[atomic].frames.empty() || sources[1 - atomic] == nullptr) return false;
  if (!symbols.text(sides[atomic].frames.front().function).ends_with("Int32")) return false;
  bool locks = false;
  for (const auto* lines : sources) {
    if (lines == nullptr) continue;
    for (const std::string& line : *lines) {
      if (line.contains("sync/atomic")) return false;
      locks |= line.contains(".Lock()");
    }
  }
  return locks;
}

}  // namespace

void read_source(Race& race, const RaceSources& sources, const model::Symbols& symbols) {
  const auto& sides = race.front().sides;
  if (is_copied_mutex(race, sources, symbols)) {
    race.kind = RaceKind::Field;
    race.pattern = RacePattern::CopiedLock;
    race.confidence = 0.85;
    return;
  }
  if (sources[0] == nullptr || sources[1] == nullptr) return;
  const auto line_of = [&](std::size_t i) {
    GoLines lines(*sources[i]);
    const auto* frame = sides[i].nearest();
    std::string code = lines.code(frame == nullptr ? 0 : frame->line);
    auto operands = operands_of(code);
    return Line{.side = sides[i], .lines = lines, .code = std::move(code), .operands = std::move(operands)};
  };
  const Line a = line_of(0);
  const Line b = line_of(1);
  const auto operands = common_operand(a, b);
  if (!operands) return;
  race.expression = operands->first.text;
  if (sides[0].place == nullptr || sides[1].place == nullptr) return;
  const bool plain = race.kind == RaceKind::ClosureCapture || race.kind == RaceKind::Field;
  const bool named_by_text = race.pattern == RacePattern::CopiedLock || race.pattern == RacePattern::UnsafeType ||
                             race.pattern == RacePattern::ParallelTests;
  if (plain && !named_by_text && read_plain(race, a, b, *operands, symbols)) return;
  if (race.kind == RaceKind::Map || (plain && !named_by_text && race.pattern != RacePattern::Global)) {
    const RacePattern before = race.pattern;
    read_locks(race, a, b, *operands, symbols);
    if (race.kind == RaceKind::Map && race.pattern == RacePattern::MissingLock) race.pattern = before;
  }
}

}  // namespace gopsy::analyze
