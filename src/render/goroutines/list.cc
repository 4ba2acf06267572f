#include <algorithm>

#include "base/format.h"
#include "base/units.h"
#include "render/columns.h"
#include "render/goroutines/sections.h"
#include "render/goroutines/words.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

struct Row {
  std::uint32_t goroutine = 0;
  std::string id;
  std::string state;
  std::string waits_on;
  std::string age;
  std::string user;
  std::string creator;
};

constexpr std::size_t kWidestState = 22;
constexpr std::size_t kWidestWait = 34;
constexpr std::size_t kNarrowestPlace = 16;

std::size_t widest(const std::vector<Row>& rows, std::string Row::* cell, std::string_view title) {
  std::size_t width = columns(title);
  for (const Row& row : rows) width = std::max(width, columns(row.*cell));
  return width;
}

// The crashed one first, then the longest waiting, then as the text has them.
std::vector<std::uint32_t> in_order(const GoroutineReport& report) {
  const auto& snapshot = report.snapshot();
  std::vector<std::uint32_t> order = report.rows;
  std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) {
    const auto& left = snapshot.traceback->goroutines[a];
    const auto& right = snapshot.traceback->goroutines[b];
    const bool left_crashed = &left == snapshot.crashed;
    const bool right_crashed = &right == snapshot.crashed;
    if (left_crashed != right_crashed) return left_crashed;
    return snapshot.is_profile() ? snapshot.count(a) > snapshot.count(b) : left.minutes > right.minutes;
  });
  return order;
}

Row row_of(const GoroutineReport& report, std::uint32_t i) {
  const auto& snapshot = report.snapshot();
  const auto& goroutine = snapshot.traceback->goroutines[i];
  Row row{.goroutine = i};
  row.id = snapshot.is_profile() ? with_commas(snapshot.count(i)) : fmt::format("{}", goroutine.id);
  row.state = goroutine.state.none() ? "-" : printable_line(report.symbols.text(goroutine.state));
  if (goroutine.leaked) row.state += ", leaked";
  if (goroutine.locked_to_thread) row.state += ", locked";
  row.waits_on = waits_on(snapshot, i, report.symbols);
  row.age = age_words(goroutine.minutes, goroutine.minutes);
  if (const auto* user = snapshot.facts[i].user) row.user = frame_words(*user, report.symbols);
  row.creator = creator_words(goroutine, report.symbols);
  if (!row.creator.empty() && goroutine.creator != 0) row.creator += fmt::format(" [{}]", goroutine.creator);
  return row;
}

}  // namespace

void goroutine_list(const GoroutineReport& report, const Style& style, std::string& out) {
  const auto& snapshot = report.snapshot();
  auto order = in_order(report);
  const std::size_t shown = rows_shown(report, order.size());
  order.resize(shown);
  std::vector<Row> rows;
  for (const std::uint32_t i : order) rows.push_back(row_of(report, i));
  const bool profile = snapshot.is_profile();
  const std::size_t id = widest(rows, &Row::id, profile ? "COUNT" : "ID");
  const std::size_t state = std::min(widest(rows, &Row::state, "STATE"), kWidestState);
  const std::size_t wait = std::min(widest(rows, &Row::waits_on, "WAITS ON"), kWidestWait);
  const std::size_t age = profile ? 0 : widest(rows, &Row::age, "AGE");
  std::size_t user = widest(rows, &Row::user, "IN");
  std::size_t creator = profile ? 0 : widest(rows, &Row::creator, "CREATED BY");
  const std::size_t fixed = 2 + id + 2 + state + 2 + wait + 2 + (profile ? 0 : age + 2);
  const std::size_t room = style.width > fixed + 2 * kNarrowestPlace ? style.width - fixed - 2 : 2 * kNarrowestPlace;
  if (user + creator > room) {
    // What the shorter does not need goes to the longer.
    const std::size_t half = room / 2;
    creator = std::min(creator, std::max(half, room > user ? room - user : 0));
    user = std::min(user, room - creator);
  }
  const auto line = [&](const Row& row, std::string_view mark) {
    std::string text = fmt::format("{} {}  {}  {}  ", mark, fit_right(row.id, id), fit_left(row.state, state),
                                   fit_left(row.waits_on, wait));
    if (!profile) text += fit_left(row.age, age) + "  ";
    text += fit_left(row.user, user);
    if (!profile) text += "  " + fit_left(row.creator, creator);
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  out += paint(style, kDim,
               line({.id = profile ? "COUNT" : "ID",
                     .state = "STATE",
                     .waits_on = "WAITS ON",
                     .age = "AGE",
                     .user = "IN",
                     .creator = "CREATED BY"},
                    " ")) +
         "\n";
  for (const Row& row : rows) {
    const auto& goroutine = snapshot.traceback->goroutines[row.goroutine];
    const bool crashed = &goroutine == snapshot.crashed;
    out += crashed ? paint(style, kRed, line(row, "*")) : line(row, " ");
    out += '\n';
    const std::size_t indent = 2 + id + 2;
    if (const std::string labels = label_words(report, goroutine); !labels.empty())
      out += std::string(indent, ' ') + paint(style, kDim, labels) + "\n";
    if (report.full) {
      stack_lines(report, goroutine, indent, style, out);
      out += '\n';
    }
  }
  more_rows(report.rows.size(), shown, profile ? "stacks" : "goroutines", style, out);
  if (snapshot.crashed != nullptr && std::ranges::any_of(rows, [&](const Row& r) {
        return &snapshot.traceback->goroutines[r.goroutine] == snapshot.crashed;
      }))
    out += paint(style, kDim, "* ended the process") + "\n";
}

}  // namespace gopsy::render
