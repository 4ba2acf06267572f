#include "decode/legacy/java_places.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "decode/legacy/memory_map.h"
#include "decode/profile_builder.h"

namespace gopsy::decode {
namespace {

struct Place {
  std::string_view function;
  std::string_view file;
  std::int64_t line = 0;
};

// Where " (" stands for the last time before `end`.
std::size_t last_parenthesis(std::string_view text, std::size_t end) {
  for (std::size_t at = text.substr(0, end).rfind('('); at != std::string_view::npos && at > 0;
       at = text.substr(0, at).rfind('('))
    if (text[at - 1] == ' ' || text[at - 1] == '\t') return at;
  return std::string_view::npos;
}

// "f (a.java:7)".
std::optional<Place> with_line(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto line = parse_signed(text.substr(colon + 1, text.size() - colon - 2));
  const auto open = last_parenthesis(text, colon - std::min<std::size_t>(colon, 1));
  if (!line || open == std::string_view::npos) return std::nullopt;
  return Place{.function = text.substr(0, open - 1),
               .file = text.substr(open + 1, colon - open - 1),
               .line = std::max<std::int64_t>(*line, 0)};
}

Place parse_place(std::string_view text) {
  if (text.ends_with(')')) {
    if (const auto place = with_line(text)) return *place;
    // The path of a library: its last element says enough.
    if (const auto open = last_parenthesis(text, text.size()); open != std::string_view::npos) {
      std::string_view path = text.substr(open + 1, text.size() - open - 2);
      while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
      if (path.size() > 1) path.remove_prefix(path.rfind('/') + 1);
      return {.function = text.substr(0, open - 1), .file = path.empty() ? "." : path};
    }
  }
  if (text.contains("generated stub/JIT")) return {.function = "STUB", .file = {}};
  return {.function = text, .file = {}};
}

struct Named {
  bool named = false;
  StringId function;
  std::int64_t line = 0;
};

}  // namespace

void name_java_places(std::string_view text, model::Profile& profile, model::Symbols& symbols) {
  std::unordered_map<std::uint64_t, std::size_t> location_of;
  for (std::size_t i = 0; i < profile.locations.size(); ++i) location_of.emplace(profile.locations[i].address, i);
  std::unordered_map<StringId, StringId> files;
  std::vector<Named> names(profile.locations.size());
  LineReader lines(text);
  while (lines.next()) {
    std::string_view line = trim(lines.line());
    if (!line.starts_with("0x")) continue;
    const auto address = consume_hex(line);
    if (!address || line.empty() || (line[0] != ' ' && line[0] != '\t')) continue;
    const auto found = location_of.find(*address);
    if (found == location_of.end()) continue;
    const Place place = parse_place(trim(line));
    const StringId function = symbols.intern(place.function);
    files.try_emplace(function, symbols.intern(place.file));
    names[found->second] = {.named = true, .function = function, .line = place.line};
  }
  ProfileBuilder builder(profile);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].named) continue;
    auto& location = profile.locations[i];
    location.address = 0;
    location.first_line = static_cast<std::uint32_t>(profile.lines.size());
    location.line_count = 1;
    const std::uint32_t function = builder.function(names[i].function, files[names[i].function]);
    profile.lines.push_back({.function = function, .line = names[i].line});
  }
  place_mappings(profile, {}, symbols);
  for (auto& location : profile.locations) location.address = 0;
}

}  // namespace gopsy::decode
