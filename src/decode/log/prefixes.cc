#include "decode/log/prefixes.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "decode/log/clock.h"
#include "decode/log/line_class.h"

namespace gopsy::decode::log {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kLongestPrefix = 400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Where a line of Go's runtime begins inside `line`. `certain`: no ordinary line looks like that.
struct Inside {
  std::size_t at = std::string_view::npos;
  bool certain = false;
};

Inside look_inside(std::string_view line) {
  // A line of the runtime itself, whatever words the program put into it.
  for (const std::string_view first : {"panic: ", "\tpanic: ", "fatal error: ", "\tfatal error: "})
    if (line.starts_with(first)) return {};
  for (const std::string_view word :
       {"goroutine ", "[signal SIG", "runtime stack:", "PC=0x", "WARNING: DATA RACE", "gc ", "SCHED "}) {
    const auto at = line.substr(0, kLongestPrefix).find(word);
    if (at == std::string_view::npos || at == 0 || line.substr(0, at) == "\t") continue;
    if (is_unmistakable(line.substr(at))) return {.at = at, .certain = true};
  }
  for (const std::string_view word : {"panic: ", "fatal error: ", "SIG"}) {
    const auto at = line.substr(0, kLongestPrefix).find(word);
    if (at == std::string_view::npos || at == 0 || line.substr(0, at) == "\t" || line.contains("[signal ")) continue;
    const LineClass kind = classify(line.substr(at));
    if (kind == LineClass::Panic || kind == LineClass::Fatal || kind == LineClass::Signal) return {.at = at};
  }
  return {};
}

bool belongs_to_stack(LineClass kind) {
  return kind == LineClass::Function || kind == LineClass::Place || kind == LineClass::CreatedBy ||
         kind == LineClass::Goroutine || kind == LineClass::Signal;
}

// Does `below`, a line with the prefix of a line before taken off, prove that it is one?
bool proves(bool certain, std::string_view below) {
  return certain ? belongs_to_stack(classify(below)) : is_unmistakable(below) || below.starts_with("exit status ");
}

// GOTRACEBACK=none leaves one line. Behind mere quoting and indentation it is believed, and so is a text that only the
// runtime writes.
bool stands_alone(std::string_view prefix, std::string_view text) {
  if (prefix.find_first_not_of(" >|*`") == std::string_view::npos) return true;
  if (!consume(text, "fatal error: ")) return false;
  constexpr std::array kTexts{"all goroutines are asleep - deadlock!"sv,
                              "concurrent map "sv,
                              "stack overflow"sv,
                              "runtime: out of memory"sv,
                              "runtime: cannot allocate memory"sv,
                              "thread exhaustion"sv,
                              "no goroutines (main called runtime.Goexit) - deadlock!"sv,
                              "unexpected signal during runtime execution"sv,
                              "sync: "sv};
  return std::ranges::any_of(kTexts, [text](std::string_view known) { return text.starts_with(known); });
}

}  // namespace

Prefixes::Prefix Prefixes::taken_apart(std::string_view prefix) {
  Prefix out;
  const auto put = [&out](char c) {
    if (out.tokens.empty() || out.tokens.back().kind != Kind::Word) out.tokens.push_back({});
    out.tokens.back().text += c;
  };
  char before = ' ';
  while (!prefix.empty()) {
    std::string_view rest = prefix;
    const bool at_word = !is_digit(before) && !is_letter(before);
    if (at_word && take_time(rest)) {
      out.tokens.push_back({.kind = Kind::Time});
      before = '0';
      prefix = rest;
      continue;
    }
    before = prefix[0];
    if (is_digit(before)) {
      const std::size_t width = std::min(prefix.find_first_not_of("0123456789"), prefix.size());
      out.tokens.push_back({.kind = Kind::Number, .text = std::string(prefix.substr(0, width))});
      prefix.remove_prefix(width);
      continue;
    }
    put(before);
    prefix.remove_prefix(1);
  }
  return out;
}

// Takes the prefix off the front of `text`. A line whose text is empty may have lost the prefix' last blanks.
bool Prefixes::match(const Prefix& prefix, std::string_view& text, Exactness exactness, std::int64_t* time_ns) {
  std::string_view rest = text;
  for (const Token& token : prefix.tokens) {
    const bool last = &token == &prefix.tokens.back();
    switch (token.kind) {
      case Kind::Time: {
        const auto time = take_time(rest);
        if (!time) return false;
        if (time_ns != nullptr && *time != 0) *time_ns = *time;
        break;
      }
      case Kind::Number: {
        const std::size_t width = std::min(rest.find_first_not_of("0123456789"), rest.size());
        if (width == 0) return false;
        if (!token.varies && exactness == Exactness::Exact && rest.substr(0, width) != token.text) return false;
        rest.remove_prefix(width);
        break;
      }
      case Kind::Word:
        if (consume(rest, token.text)) break;
        if (!last || rest != trim(token.text)) {
          std::string_view word = token.text;
          while (word.ends_with(' ') || word.ends_with('\t')) word.remove_suffix(1);
          if (!last || rest != word) return false;
        }
        rest = {};
    }
  }
  text = rest;
  return true;
}

// Marks the numbers in which `text` differs from the prefix.
void Prefixes::let_vary(Prefix& prefix, std::string_view text) {
  for (Token& token : prefix.tokens) {
    if (token.kind == Kind::Time) {
      take_time(text);
    } else if (token.kind == Kind::Word) {
      consume(text, token.text);
    } else {
      const std::size_t width = std::min(text.find_first_not_of("0123456789"), text.size());
      token.varies = token.varies || text.substr(0, width) != token.text;
      text.remove_prefix(width);
    }
  }
}

void Prefixes::add(Prefix prefix) {
  if (known_.size() == kMost) return;
  // Mere indentation tells no processes apart, and may differ from line to line.
  const auto is_blank = [](const Token& token) {
    return token.kind == Kind::Word && token.text.find_first_not_of(" \t") == std::string::npos;
  };
  prefix.process = std::ranges::all_of(prefix.tokens, is_blank) ? 0 : 0x9E3779B97F4A7C15;
  for (const Token& token : prefix.tokens)
    if (prefix.process != 0 && token.kind != Kind::Time && !token.varies)
      prefix.process = mixed(prefix.process, token.text);
  known_.push_back(std::move(prefix));
}

std::optional<std::size_t> Prefixes::inside(std::string_view line) {
  const std::size_t at = look_inside(line).at;
  return at == std::string_view::npos ? std::nullopt : std::optional(at);
}

std::optional<std::size_t> Prefixes::learn(std::string_view line, const std::vector<std::string>& below) {
  const Inside inside = look_inside(line);
  if (inside.at == std::string_view::npos) return std::nullopt;
  // A word that the runtime's line was written into (two threads, one line) is nobody's prefix.
  const char last = line[inside.at - 1];
  if (is_letter(last) || is_digit(last)) return inside.certain ? std::optional(inside.at) : std::nullopt;
  Prefix prefix = taken_apart(line.substr(0, inside.at));
  bool again = false;
  for (const std::string& next : below) {
    std::string_view rest = next;
    again = again || match(prefix, rest, Exactness::AnyNumber, nullptr);
    rest = next;
    if (match(prefix, rest, Exactness::Exact, nullptr)) {
      if (proves(inside.certain, rest)) return add(std::move(prefix)), std::nullopt;
      continue;
    }
    rest = next;
    if (match(prefix, rest, Exactness::AnyNumber, nullptr) && proves(inside.certain, rest)) {
      let_vary(prefix, next);
      // A number that runs on may change in more places over the lines to come.
      for (const std::string& later : below) {
        std::string_view text = later;
        if (match(prefix, text, Exactness::AnyNumber, nullptr) && belongs_to_stack(classify(text)))
          let_vary(prefix, later);
      }
      return add(std::move(prefix)), std::nullopt;
    }
    // The lines of the stack go on without it: it stood before this line only.
    if (inside.certain && belongs_to_stack(classify(next))) return inside.at;
  }
  // One of GODEBUG's lines is proof of itself where the prefix comes again; a header with nothing below it is where the
  // log was cut.
  if (inside.certain && again && is_runtime_line(line.substr(inside.at))) return add(std::move(prefix)), std::nullopt;
  return inside.certain || stands_alone(line.substr(0, inside.at), line.substr(inside.at)) ? std::optional(inside.at)
                                                                                           : std::nullopt;
}

// The longest one that fits: `T ` fits wherever `T stderr ` does.
bool Prefixes::strip(Line& line) const {
  const Prefix* best = nullptr;
  std::string_view text = line.text;
  std::int64_t time_ns = 0;
  for (const Prefix& prefix : known_) {
    std::string_view rest = line.text;
    std::int64_t time = 0;
    if (!match(prefix, rest, Exactness::Exact, &time) || (best != nullptr && rest.size() >= text.size())) continue;
    best = &prefix;
    text = rest;
    time_ns = time;
  }
  if (best == nullptr) return false;
  line.text = text;
  if (best->process != 0) line.process = mixed(line.process ^ best->process, "prefix");
  if (time_ns != 0) line.time_ns = time_ns;
  return true;
}

}  // namespace gopsy::decode::log
