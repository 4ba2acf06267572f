#pragma once

#include <string>

#include "render/goroutines/goroutines.h"

namespace gopsy::render {

// The parts of goroutines_text, in the order they are printed. Each prints nothing where it has nothing to say.

void goroutine_list(const GoroutineReport& report, const Style& style, std::string& out);
void goroutine_groups(const GoroutineReport& report, const Style& style, std::string& out);
void goroutine_tree(const GoroutineReport& report, const Style& style, std::string& out);
void goroutine_growth(const GoroutineReport& report, const Style& style, std::string& out);
void goroutine_waits(const GoroutineReport& report, const Style& style, std::string& out);
void goroutine_depth(const GoroutineReport& report, const Style& style, std::string& out);

/// "  … 12 more rows (--rows 0 shows all)", if there are more.
void more_rows(std::size_t all, std::size_t shown, std::string_view of, const Style& style, std::string& out);

/// How many of `all` rows are shown.
std::size_t rows_shown(const GoroutineReport& report, std::size_t all);

/// The frames of a goroutine, one a line behind `indent` blanks: the runtime's waiting frames left out, the middle of
/// a long stack too unless the report is full.
void stack_lines(const GoroutineReport& report, const model::Goroutine& goroutine, std::size_t indent,
                 const Style& style, std::string& out);

/// "{tenant: acme, path: /a}"; empty without labels.
std::string label_words(const GoroutineReport& report, const model::Goroutine& goroutine);

/// "-", "5 min", "1-5 min".
std::string age_words(std::uint32_t least, std::uint32_t most);

}  // namespace gopsy::render
