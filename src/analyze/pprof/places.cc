#include <unordered_map>

#include "analyze/pprof/graph.h"
#include "analyze/pprof/paths.h"
#include "base/format.h"

namespace gopsy::pprof {
namespace {

struct Hash {
  std::size_t operator()(const NodeInfo& info) const noexcept {
    std::uint64_t hash = info.address;
    for (const std::uint64_t part : {std::uint64_t{info.name.value} << 32 | info.file.value,
                                     static_cast<std::uint64_t>(info.line), static_cast<std::uint64_t>(info.column),
                                     static_cast<std::uint64_t>(info.start_line) << 32 | info.object_file.value})
      hash = (hash ^ part) * 0x9E3779B97F4A7C15ULL;
    return hash ^ hash >> 32;
  }
};

using Numbers = std::unordered_map<NodeInfo, std::uint32_t, Hash>;

// Makes the info of each line of each location.
class InfoMaker {
 public:
  InfoMaker(const model::Profile& profile, bool object_names, model::Symbols& symbols)
      : profile_(profile), object_names_(object_names) {
    files_.reserve(profile.functions.size());
    for (const auto& function : profile.functions) {
      const std::string_view file = symbols.text(function.file);
      files_.push_back(file.empty() ? StringId{} : symbols.intern(clean_path(file)));
    }
  }

  [[nodiscard]] NodeInfo without_line(const model::Profile::Location& location) const {
    return {.address = location.address, .object_file = object_file(location)};
  }

  [[nodiscard]] NodeInfo of(const model::Profile::Location& location, const model::Profile::Line& line) const {
    const auto& function = profile_.functions[line.function];
    NodeInfo info{.name = function.name,
                  .address = location.address,
                  .file = files_[line.function],
                  .line = line.line,
                  .column = line.column};
    if (object_names_ || !function.name) {
      info.object_file = object_file(location);
      info.start_line = function.start_line;
    }
    return info;
  }

 private:
  [[nodiscard]] StringId object_file(const model::Profile::Location& location) const {
    return location.mapping == model::Profile::kNoMapping ? StringId{} : profile_.mappings[location.mapping].file;
  }

  const model::Profile& profile_;
  bool object_names_;
  std::vector<StringId> files_;  // cleaned, by function
};

}  // namespace

Places::Places(const model::Profile& profile, bool object_names, model::Symbols& symbols) {
  const InfoMaker maker(profile, object_names, symbols);
  Numbers numbers;
  const auto number = [&](const NodeInfo& info) {
    const auto [found, is_new] = numbers.try_emplace(info, static_cast<std::uint32_t>(infos_.size()));
    if (is_new) infos_.push_back(info);
    return found->second;
  };
  start_.reserve(profile.locations.size() + 1);
  start_.push_back(0);
  for (const auto& location : profile.locations) {
    if (location.line_count == 0) places_.push_back(number(maker.without_line(location)));
    for (std::uint32_t i = 0; i < location.line_count; ++i)
      places_.push_back(number(maker.of(location, profile.lines[location.first_line + i])));
    start_.push_back(places_.size());
  }
  const std::size_t count = infos_.size();
  for (std::size_t i = 0; i < count; ++i) {
    NodeInfo info = infos_[i];
    if (info.address != 0 || info.line != 0) info.address = 0, info.line = 0, info.column = 0;
    functions_.push_back(number(info));
  }
}

std::vector<std::string> name_components(const NodeInfo& info, const model::Symbols& symbols) {
  std::vector<std::string> names;
  if (info.address != 0) names.push_back(fmt::format("{:016x}", info.address));
  if (info.name) names.emplace_back(symbols.text(info.name));
  const std::string_view file = symbols.text(info.file);
  if (info.line != 0) {
    names.push_back(info.column == 0 ? fmt::format("{}:{}", file, info.line)
                                     : fmt::format("{}:{}:{}", file, info.line, info.column));
  } else if (info.file) {
    names.emplace_back(file);
  } else if (info.name) {
    // The name is there already.
  } else if (info.object_file) {
    names.push_back(fmt::format("[{}]", base_name(symbols.text(info.object_file))));
  } else {
    names.emplace_back("<unknown>");
  }
  return names;
}

std::string printable_name(const NodeInfo& info, const model::Symbols& symbols) {
  std::string text;
  for (const std::string& part : name_components(info, symbols)) {
    if (!text.empty()) text += ' ';
    text += part;
  }
  return text;
}

}  // namespace gopsy::pprof
