#include "render/profile/frames.h"

#include <map>
#include <tuple>

#include "base/format.h"

namespace gopsy::render {
namespace {

// "libc.so.6+0x29d90": the offset in the file, which survives address randomisation.
std::string address_name(const model::Profile& profile, const model::Profile::Location& location,
                         const model::Symbols& symbols) {
  if (location.mapping == model::Profile::kNoMapping)
    return location.address == 0 ? "[unknown]" : fmt::format("{:#x}", location.address);
  const auto& mapping = profile.mappings[location.mapping];
  std::string_view file = symbols.text(mapping.file);
  file.remove_prefix(file.rfind('/') + 1);
  if (location.address == 0) return file.empty() ? "[unknown]" : fmt::format("[{}]", file);
  if (file.empty()) return fmt::format("{:#x}", location.address);
  return fmt::format("{}+{:#x}", file, location.address - mapping.start + mapping.offset);
}

}  // namespace

ProfileFrames::ProfileFrames(const model::Profile& profile, const model::Symbols& symbols) : profile_(profile) {
  std::map<std::tuple<std::uint32_t, std::int64_t, std::int64_t, std::uint32_t>, std::uint32_t> known;
  std::map<std::string, std::uint32_t> addresses;
  const auto next = [&] { return static_cast<std::uint32_t>(frames_.size()); };
  for (const auto& location : profile.locations) {
    first_.push_back(static_cast<std::uint32_t>(of_location_.size()));
    for (std::uint32_t i = location.line_count; i-- > 0;) {
      const auto& line = profile.lines[location.first_line + i];
      const std::uint32_t depth = location.line_count - 1 - i;
      const auto [found, is_new] = known.try_emplace({line.function, line.line, line.column, depth}, next());
      if (is_new) {
        const auto& function = profile.functions[line.function];
        const StringId name = function.name ? function.name : function.system_name;
        frames_.push_back({.name = name ? std::string(symbols.text(name)) : address_name(profile, location, symbols),
                           .file = symbols.text(function.file),
                           .line = line.line,
                           .column = line.column,
                           .inline_depth = depth});
      }
      of_location_.push_back(found->second);
    }
    if (location.line_count != 0) continue;
    const auto [found, is_new] = addresses.try_emplace(address_name(profile, location, symbols), next());
    if (is_new) frames_.push_back({.name = found->first, .file = {}});
    of_location_.push_back(found->second);
  }
  first_.push_back(static_cast<std::uint32_t>(of_location_.size()));
}

}  // namespace gopsy::render
