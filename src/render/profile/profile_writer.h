#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::render {

/// A profile to hand to another tool.
struct ProfileDocument {
  const model::Profile& profile;
  model::Symbols& symbols;  ///< a form may add names of its own
  std::string title;
  std::size_t column = 0;  ///< for forms that hold one value a stack
};

/// One form of a profile: a row of the table. Output is a function of the document alone.
struct ProfileWriter {
  std::string_view name;       ///< for `--to`
  std::string_view extension;  ///< ".speedscope.json": chosen by `-o x.speedscope.json`
  std::string_view summary;
  bool gzip = false;  ///< readers expect it compressed
  std::string (*write)(const ProfileDocument& document) = nullptr;
};

/// All forms, in the order the help lists them.
std::span<const ProfileWriter> profile_writers();

const ProfileWriter* find_profile_writer(std::string_view name);

/// The writer with the longest extension that ends `path`, or null.
const ProfileWriter* profile_writer_for_path(std::string_view path);

std::string folded_profile(const ProfileDocument& document);
std::string speedscope_profile(const ProfileDocument& document);
std::string firefox_profile(const ProfileDocument& document);
std::string otlp_profile(const ProfileDocument& document);
std::string json_profile(const ProfileDocument& document);
std::string callgrind_profile(const ProfileDocument& document);

}  // namespace gopsy::render
