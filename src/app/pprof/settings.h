#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "analyze/pprof/config.h"

namespace gopsy::pprof {

/// One setting of pprof's reports: a row that flags, the shell's assignments, its listing and completion read.
struct Setting {
  std::string_view name;
  std::variant<bool Config::*, int Config::*, double Config::*, std::string Config::*> member;
  std::string_view help;
  std::string_view choices = {};  ///< "cum|flat": each is a switch of its own
};

std::span<const Setting> settings();
const Setting* find_setting(std::string_view name);
/// The setting that has this word among its choices.
const Setting* setting_with_choice(std::string_view word);

bool is_switch(const Setting& setting);
std::string setting_text(const Config& config, const Setting& setting);

/// Sets the value that a text says. Yields  what is wrong with it, or nothing.
std::string set(Config& config, const Setting& setting, std::string_view text);

/// One report that a user can name.
struct ReportName {
  std::string_view name;
  std::string_view help;
  bool takes_expression = false;
  std::string_view extension = {};  ///< of the file that stands in for a terminal
  std::string_view graphviz = {};   ///< what `dot -T` makes of the drawing
  std::string_view viewers = {};    ///< programs to show it with, the first that is there
};

std::span<const ReportName> report_names();
const ReportName* find_report(std::string_view name);

}  // namespace gopsy::pprof
