#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/columns.h"
#include "render/race/race_report.h"
#include "render/words.h"
#include "rules/race/words.h"

namespace gopsy::render {
namespace {

using analyze::Race;
using analyze::RaceSide;

constexpr std::size_t kIndent = 3;
constexpr std::size_t kNarrowest = 90;  // below it the sides stand above one another
constexpr std::size_t kFramesShown = 12;

using Lines = std::vector<std::string>;

// The end of a text says more than its front: paths.
std::string shorten_front(std::string_view text, std::size_t most) {
  if (columns(text) <= most) return std::string(text);
  std::size_t cut = text.size() - std::min(text.size(), most - 1);
  while (cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) ++cut;
  return fmt::format("…{}", text.substr(cut));
}

Lines wrapped(std::string_view text, std::size_t width) {
  std::string out;
  wrap(out, text, 0, 0, width);
  Lines lines;
  for (const std::string_view line : split(out, '\n')) lines.emplace_back(line);
  lines.pop_back();
  return lines;
}

// Cells beside one another, each as many lines as it needs.
void add_row(std::string& out, const std::vector<Lines>& cells, const std::vector<std::size_t>& widths,
             std::string_view between) {
  std::size_t height = 0;
  for (const Lines& cell : cells) height = std::max(height, cell.size());
  for (std::size_t i = 0; i < height; ++i) {
    std::string line(kIndent, ' ');
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::string text = i < cells[c].size() ? cells[c][i] : std::string();
      line += c == 0 ? std::string() : std::string(between);
      line += text;
      if (c + 1 < cells.size()) line.append(widths[c] - std::min(widths[c], columns(text)), ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
}

void add_frames(Lines& lines, std::span<const model::RaceFrame> frames, const model::RaceFrame* place,
                const model::Symbols& symbols, std::size_t width) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    // The place is shown however deep it lies.
    if (i >= kFramesShown && &frames[i] != place) continue;
    const auto& frame = frames[i];
    const std::string name = printable_line(model::short_function(symbols.text(frame.function)));
    lines.push_back(shorten_front((&frame == place ? "> " : "  ") + name, width));
    if (frame.line != 0)
      lines.push_back("    " + shorten_front(fmt::format("{}:{}", printable_line(symbols.text(frame.file)), frame.line),
                                             width - 4));
  }
  if (frames.size() > kFramesShown) lines.push_back(fmt::format("  … {} frames in all", frames.size()));
}

Lines side_lines(const RaceSide& side, bool previous, const model::Symbols& symbols, std::size_t width) {
  Lines lines;
  if (side.access->log_line == 0) return {"the other side is missing: the log is cut"};
  lines = wrapped(fmt::format("{}{} by {}", previous ? "previous " : "", rules::operation_of(side, symbols),
                              rules::goroutine_of(side)),
                  width);
  if (side.access->stack.lost) lines.emplace_back("  its stack was not restored");
  add_frames(lines, side.frames, side.place, symbols, width);
  if (!side.access->creation_told) return lines;
  lines.push_back(side.access->finished ? "created (and finished by now) by" : "created by");
  if (side.access->created.lost) lines.emplace_back("  a stack that was not restored");
  add_frames(lines, side.created, nullptr, symbols, width);
  return lines;
}

void add_sides(std::string& out, const Race& race, const model::Symbols& symbols, const Style& style) {
  const auto& sides = race.front().sides;
  if (style.width < kNarrowest) {
    const std::size_t width = style.width - kIndent;
    for (std::size_t i = 0; i < sides.size(); ++i)
      add_row(out, {side_lines(sides[i], i == 1, symbols, width)}, {width}, "");
    return;
  }
  const std::size_t width = (style.width - kIndent - 3) / 2;
  add_row(out, {side_lines(sides[0], false, symbols, width), side_lines(sides[1], true, symbols, width)},
          {width, width}, " │ ");
}

void add_excerpt(std::string& out, std::span<const RaceExcerpt* const> excerpts, const Style& style) {
  std::map<std::uint32_t, std::string_view> lines;
  for (const auto* excerpt : excerpts)
    for (std::size_t i = 0; i < excerpt->lines.size(); ++i)
      lines[excerpt->first + static_cast<std::uint32_t>(i)] = excerpt->lines[i];
  out += fmt::format("   {}\n", paint(style, kDim, printable_line(excerpts.front()->path)));
  std::uint32_t last = 0;
  for (const auto& [number, text] : lines) {
    if (last != 0 && number != last + 1) out += "         …\n";
    last = number;
    const bool racing =
        std::ranges::any_of(excerpts, [number](const RaceExcerpt* excerpt) { return excerpt->racing == number; });
    std::string code = printable(text);
    for (auto tab = code.find('\t'); tab != std::string::npos; tab = code.find('\t')) code.replace(tab, 1, "    ");
    std::string line = fmt::format("   {} {:>5} | {}", racing ? ">" : " ", number, shorten(code, style.width - 13));
    line.erase(line.find_last_not_of(' ') + 1);
    out += (racing ? paint(style, kBold, line) : line) + "\n";
  }
}

void add_source(std::string& out, const ShownRace& shown, const Style& style) {
  const RaceExcerpt* const a = &shown.source[0];
  const RaceExcerpt* const b = &shown.source[1];
  if (a->path == b->path && !a->path.empty()) {
    add_excerpt(out, std::array{a, b}, style);
  } else {
    for (const RaceExcerpt* excerpt : {a, b})
      if (!excerpt->path.empty()) add_excerpt(out, std::array{excerpt}, style);
  }
  if (!a->path.empty() || !b->path.empty()) out += '\n';
}

void add_labelled(std::string& out, std::string_view label, std::string_view text, const Style& style) {
  constexpr std::size_t kLabel = 10;
  out += fmt::format("   {}", paint(style, kDim, fmt::format("{:<{}}", label, kLabel)));
  wrap(out, printable_line(text), kIndent + kLabel, kIndent + kLabel, style.width);
}

void add_fixes(std::string& out, const Race& race, const model::Symbols& symbols, const Style& style) {
  const std::size_t room = style.width - kIndent - 6;
  const std::vector<std::size_t> widths{room * 18 / 100, room * 22 / 100, room * 20 / 100, room * 40 / 100};
  const auto row = [&](const std::array<std::string_view, 4>& texts) {
    std::vector<Lines> cells;
    for (std::size_t i = 0; i < texts.size(); ++i) cells.push_back(wrapped(printable_line(texts[i]), widths[i]));
    add_row(out, cells, widths, "  ");
  };
  row({"fix", "enough for", "cost", "here"});
  row({std::string(widths[0], '-'), std::string(widths[1], '-'), std::string(widths[2], '-'),
       std::string(widths[3], '-')});
  for (const auto& fix : rules::fixes_of(race, symbols)) row({fix.what, fix.safe, fix.cost, fix.how});
}

void add_notes(std::string& out, const RaceDocument& document, const Race& race, const Style& style) {
  const auto& symbols = document.incident.symbols;
  add_labelled(out, "pattern", analyze::name_of(race.pattern), style);
  add_labelled(out, "why", rules::why_of(race, symbols), style);
  if (race.lost_stack)
    add_labelled(out, "again", "with GORACE=history_size=7: the stack of one side was overwritten", style);
  for (const auto& neighbour : race.neighbours)
    add_labelled(out, "near",
                 fmt::format("race {} at {}: both may be fields of one struct", neighbour.race + 1,
                             fmt::format("a distance of {}", counted(neighbour.bytes, "byte"))),
                 style);
  std::vector<std::string> lines;
  for (const auto& variant : race.variants)
    if (lines.size() < 8) lines.push_back(fmt::format("{}:{}", variant.evidence->path, variant.report->first_line));
  if (race.variants.size() > lines.size()) lines.push_back("…");
  add_labelled(out, "log", join(lines, ", "), style);
  add_labelled(out, "mark",
               fmt::format("{}, confidence {:.2f}", analyze::fingerprint_text(race.fingerprint), race.confidence),
               style);
  if (!race.front().report->test.none()) add_labelled(out, "test", symbols.text(race.front().report->test), style);
}

void add_race(std::string& out, const RaceDocument& document, const ShownRace& shown, std::size_t number,
              const Style& style) {
  const Race& race = *shown.race;
  const auto& symbols = document.incident.symbols;
  out += fmt::format("{:>2} {}  seen {}", number, paint(style, kRed, rule_of(race)),
                     race.times == 1 ? "once" : fmt::format("{} times", with_commas(race.times)));
  if (shown.is_new) out += *shown.is_new ? paint(style, kYellow, "  NEW") : "  known";
  out += "\n   ";
  wrap(out, printable_line(rules::title_of(race, symbols)), kIndent, kIndent, style.width);
  out += '\n';
  add_sides(out, race, symbols, style);
  out += '\n';
  add_source(out, shown, style);
  add_notes(out, document, race, style);
  out += '\n';
  add_fixes(out, race, symbols, style);
  out += '\n';
}

}  // namespace

std::string rule_of(const Race& race) { return fmt::format("race.{}", analyze::name_of(race.kind)); }

std::string race_text(const RaceDocument& document, const Style& style) {
  if (document.races.empty()) return "No data race was reported.\n";
  std::string out = fmt::format("{} in {}", counted(document.races.size(), "distinct data race"),
                                counted(document.reports, "report"));
  const auto fresh =
      std::ranges::count_if(document.races, [](const auto& shown) { return shown.is_new.value_or(false); });
  if (document.races[0].is_new)
    out += fmt::format(": {} new, {} known", fresh, document.races.size() - static_cast<std::size_t>(fresh));
  out += "\n\n";
  for (std::size_t i = 0; i < document.races.size(); ++i) add_race(out, document, document.races[i], i + 1, style);
  return out;
}

}  // namespace gopsy::render
