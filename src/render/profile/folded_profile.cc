#include <unordered_map>

#include "base/format.h"
#include "base/text.h"
#include "render/profile/frames.h"
#include "render/profile/profile_writer.h"

namespace gopsy::render {
namespace {

// What ends a frame or a line cannot stand in a name: `;` is written as readers of this house undo it.
std::string folded_name(std::string_view name) {
  std::string out;
  for (const char c : printable(name)) {
    if (c == ';') {
      out += "\\x3b";
    } else {
      out += c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
    }
  }
  if (out.starts_with('#')) out.insert(0, "_");  // a line that begins so is a comment
  return out.empty() ? "[unknown]" : out;
}

}  // namespace

std::string folded_profile(const ProfileDocument& document) {
  const model::Profile& profile = document.profile;
  const ProfileFrames frames(profile, document.symbols);
  std::vector<std::string> names;
  for (const auto& frame : frames.all()) names.push_back(folded_name(frame.name));
  std::unordered_map<std::string, std::size_t> known;
  std::vector<std::pair<const std::string*, std::int64_t>> lines;  // in the order of first sight
  std::string stack;
  for (std::size_t i = 0; i < profile.sample_count(); ++i) {
    const std::int64_t value = profile.value(i, document.column);
    if (value == 0) continue;
    stack.clear();
    frames.walk(i, [&](std::uint32_t frame) { (stack += stack.empty() ? "" : ";") += names[frame]; });
    if (stack.empty()) stack = "[no stack]";
    const auto [found, is_new] = known.try_emplace(stack, lines.size());
    if (is_new) lines.emplace_back(&found->first, 0);
    std::int64_t& sum = lines[found->second].second;
    if (__builtin_add_overflow(sum, value, &sum)) sum = value < 0 ? INT64_MIN : INT64_MAX;
  }
  std::string out;
  for (const auto& [text, value] : lines) {
    out += *text;
    fmt::format_to(std::back_inserter(out), " {}\n", value);
  }
  return out;
}

}  // namespace gopsy::render
