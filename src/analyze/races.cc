#include "analyze/races.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <unordered_map>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "analyze/race_kinds.h"
#include "base/format.h"

namespace gopsy::analyze {
namespace {

using model::RaceFrame;

// Fields of one struct, or elements of one slice, rarely lie farther apart; other objects of the heap often do.
constexpr std::uint64_t kNear = 64;

const RaceFrame* innermost_of_program(std::span<const RaceFrame> frames, const model::Symbols& symbols) {
  const auto found = std::ranges::find_if(
      frames, [&](const RaceFrame& f) { return !model::is_standard_library(symbols.text(f.function)); });
  if (found != frames.end()) return &*found;
  // A race inside the library's own tests, or one whose outer frames are missing.
  const auto other = std::ranges::find_if(frames, [&](const RaceFrame& f) {
    const std::string_view function = symbols.text(f.function);
    return !model::is_runtime(function) && !function.starts_with("sync/atomic.");
  });
  return other == frames.end() ? nullptr : &*other;
}

RaceSide side_of(const model::RaceReport& report, const model::RaceAccess& access, const model::Symbols& symbols) {
  RaceSide side{
      .access = &access, .frames = report.frames_of(access.stack), .created = report.frames_of(access.created)};
  side.place = innermost_of_program(side.frames, symbols);
  side.go_statement = innermost_of_program(side.created, symbols);
  if (side.place != nullptr && side.place != side.frames.data()) side.library = side.place - 1;
  side.operation = operation_of(side, symbols);
  return side;
}

// What stays the same when lines move, when the compiler inlines otherwise and when the runtime renames its own.
void add_functions(std::span<const RaceFrame> frames, model::Symbols& symbols, std::string& key) {
  StringId last;
  for (const RaceFrame& frame : frames) {
    const std::string_view function = symbols.text(frame.function);
    if (model::is_runtime(function) || function.starts_with("sync/atomic.") || function.contains(".gowrap") ||
        function.contains(".deferwrap"))
      continue;
    const StringId name = symbols.canonical(frame.function);
    if (name == last) continue;
    key += symbols.text(name);
    key += '\n';
    last = name;
  }
}

std::string key_of(const RaceSide& side, model::Symbols& symbols) {
  std::string key(class_of(side.operation));
  key += '\n';
  const std::size_t bare = key.size();
  // What the library does inside of one call may race in several places: it is one mistake.
  const auto inside =
      side.place == nullptr ? std::size_t{0} : static_cast<std::size_t>(side.place - side.frames.data());
  add_functions(side.frames.subspan(inside), symbols, key);
  if (key.size() != bare) return key;
  key += "in a goroutine created by\n";
  add_functions(side.created, symbols, key);
  return key;
}

std::string key_of(const RaceVariant& variant, model::Symbols& symbols) {
  const bool both = variant.report->access_count == 2;
  std::string a = key_of(variant.sides[0], symbols);
  std::string b = both ? key_of(variant.sides[1], symbols) : std::string("missing\n");
  if (b < a) std::swap(a, b);
  return a + "and\n" + b;
}

bool lacks_a_side(const RaceVariant& variant) {
  return variant.report->access_count < 2 ||
         std::ranges::any_of(variant.sides, [](const RaceSide& side) { return side.access->stack.lost; });
}

// Of reports that are one race the one to show: whole, and of the most telling kind.
void choose(Race& race, const model::Symbols& symbols) {
  std::optional<std::tuple<bool, RaceKind, RacePattern>> best;
  race.lost_stack = std::ranges::all_of(race.variants, lacks_a_side);
  for (std::size_t i = 0; i < race.variants.size(); ++i) {
    const RaceVerdict verdict = verdict_on(race.variants[i], symbols);
    // Kinds and patterns are listed by how much they tell, Field and Unknown aside.
    const std::tuple rank(lacks_a_side(race.variants[i]), verdict.kind,
                          verdict.pattern == RacePattern::Unknown ? RacePattern::WriteUnderReadLock : verdict.pattern);
    if (best && *best <= rank) continue;
    best = rank;
    race.shown = i;
    race.kind = verdict.kind;
    race.pattern = verdict.pattern;
    race.confidence = verdict.confidence;
  }
}

// "main.(*Cache)" of "main.(*Cache).Hit": the type whose method a side stands in; empty for a function.
std::string_view receiver_of(const RaceSide& side, const model::Symbols& symbols) {
  if (side.place == nullptr) return {};
  const std::string_view function = symbols.text(side.place->function);
  const auto close = function.find(").");
  return close == std::string_view::npos ? std::string_view{} : function.substr(0, close + 1);
}

// Do both races lie in methods of one type? Else addresses side by side mean nothing.
bool of_one_type(const Race& a, const Race& b, const model::Symbols& symbols) {
  const std::string_view receiver = receiver_of(a.front().sides[0], symbols);
  if (receiver.empty() || a.kind != RaceKind::Field || b.kind != RaceKind::Field) return false;
  return receiver_of(b.front().sides[0], symbols) == receiver || receiver_of(b.front().sides[1], symbols) == receiver;
}

struct Spot {
  const model::Evidence* evidence;
  std::uint64_t address;
  std::size_t race;
};

void find_neighbours(std::vector<Race>& races, const model::Symbols& symbols) {
  std::vector<Spot> spots;
  for (std::size_t i = 0; i < races.size(); ++i)
    if (const auto address = races[i].front().sides[0].access->address)
      spots.push_back({.evidence = races[i].front().evidence, .address = *address, .race = i});
  std::ranges::stable_sort(spots, {}, [](const Spot& s) { return std::tuple(s.evidence, s.address); });
  for (std::size_t i = 1; i < spots.size(); ++i) {
    const Spot& low = spots[i - 1];
    const Spot& high = spots[i];
    const std::uint64_t bytes = high.address - low.address;
    if (low.evidence != high.evidence || bytes == 0 || bytes > kNear) continue;
    if (!of_one_type(races[low.race], races[high.race], symbols)) continue;
    races[low.race].neighbours.push_back({.race = high.race, .bytes = bytes});
    races[high.race].neighbours.push_back({.race = low.race, .bytes = bytes});
  }
}

}  // namespace

std::vector<Race> races_of(model::Incident& incident) {
  std::vector<Race> races;
  std::unordered_map<std::string, std::size_t> by_key;
  for (const auto& evidence : incident.evidence) {
    if (!evidence.log) continue;
    for (const auto& report : evidence.log->races.reports) {
      RaceVariant variant{.evidence = &evidence, .report = &report};
      for (std::size_t i = 0; i < report.accesses.size(); ++i)
        variant.sides[i] = side_of(report, report.accesses[i], incident.symbols);
      std::string key = key_of(variant, incident.symbols);
      const std::uint64_t fingerprint = XXH3_64bits(key.data(), key.size());
      const auto [found, is_new] = by_key.try_emplace(std::move(key), races.size());
      if (is_new) races.emplace_back().fingerprint = fingerprint;
      Race& race = races[found->second];
      race.times += report.times;
      race.variants.push_back(variant);
    }
  }
  for (Race& race : races) choose(race, incident.symbols);
  find_neighbours(races, incident.symbols);
  return races;
}

std::string fingerprint_text(std::uint64_t fingerprint) { return fmt::format("{:016x}", fingerprint); }

bool is_global(std::uint64_t address) { return address < 0xc000000000 || address >= 0xe000000000; }

bool is_closure(std::string_view function) { return enclosing_function(function).size() != function.size(); }

std::string_view enclosing_function(std::string_view function) {
  // Names of literals: F.func1, F.func1.2, F.gowrap1, F.deferwrap2, F-range1; inlined ones repeat: F.G.func2.
  const std::size_t from = model::package_of(function).size();
  for (const std::string_view mark : {".func", ".gowrap", ".deferwrap", "-range"}) {
    for (auto at = function.find(mark, from); at != std::string_view::npos; at = function.find(mark, at + 1)) {
      const std::string_view rest = function.substr(at + mark.size());
      if (at > from && !rest.empty() && rest[0] >= '0' && rest[0] <= '9')
        return enclosing_function(function.substr(0, at));
    }
  }
  return function;
}

}  // namespace gopsy::analyze
