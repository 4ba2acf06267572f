#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "analyze/filter_program.h"
#include "base/format.h"
#include "base/text.h"

namespace gopsy::analyze {
namespace {

using Mistake = GoroutineFilter::Mistake;

enum class Kind : std::uint8_t { Number, Text, Flag };

// In the order of FilterFieldId.
constexpr std::array<FilterField, 18> kFields{{
    {"id", "number", "the goroutine's number"},
    {"minutes", "number", "the age in the header; 0 where there is none. An estimate, not the time blocked"},
    {"frames", "number", "how deep its stack is, frames left out by the runtime counted"},
    {"count", "number", "how many goroutines have the same stack"},
    {"creator", "number", "the number of the goroutine that started it; 0 where the text has none"},
    {"address", "number", "of the channel or lock it waits for (0xc00010a000); 0 where the text has none"},
    {"state", "text", "the words in the header: \"chan send\", \"IO wait\", \"running\""},
    {"func", "text", "the function of any frame, as printed"},
    {"file", "text", "the file of any frame"},
    {"user", "text", "its innermost function that does not come with Go"},
    {"top", "text", "the function of its innermost frame"},
    {"created", "text", "the function that started it"},
    {"label", "text", "a profiler label, by key: label.tenant, label.\"any key\""},
    {"locked", "yes or no", "locked to its thread"},
    {"leaked", "yes or no", "marked as leaked by the runtime"},
    {"crashed", "yes or no", "the goroutine that ended the process"},
    {"cut", "yes or no", "the text ends inside it"},
    {"runtime", "yes or no", "the runtime's own (shown with --runtime)"},
}};

Kind kind_of(const FilterField& field) {
  return field.kind == "number" ? Kind::Number : field.kind == "text" ? Kind::Text : Kind::Flag;
}

struct Token {
  enum class Kind : std::uint8_t { End, Name, Number, Text, Symbol, Bad } kind = Kind::End;
  std::string_view raw;
  std::string text;  ///< of a string: without quotes and escapes
  std::size_t column = 0;
};

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9') || c == '-' || c == '/';
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token next() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
    Token token{.column = at_};
    if (at_ == text_.size()) return token;
    const char c = text_[at_];
    if (c == '"' || c == '\'' || c == '`') return string(c);
    if (is_name(c)) {
      while (at_ < text_.size() && is_name(text_[at_])) ++at_;
      token.raw = text_.substr(token.column, at_ - token.column);
      token.kind = c >= '0' && c <= '9' ? Token::Kind::Number : Token::Kind::Name;
      return token;
    }
    token.kind = Token::Kind::Symbol;
    for (const std::string_view symbol :
         {"==", "!=", "<=", ">=", "!~", "=~", "&&", "||", "<", ">", "~", "!", "(", ")", "."})
      if (text_.substr(at_).starts_with(symbol)) {
        token.raw = symbol;
        at_ += symbol.size();
        return token;
      }
    token.kind = Token::Kind::Bad;
    token.raw = text_.substr(at_, 1);
    return token;
  }

 private:
  // Quotes of either kind; a backslash keeps its place unless it stands before the quote, so that regular
  // expressions need no second escaping.
  Token string(char quote) {
    Token token{.kind = Token::Kind::Text, .column = at_++};
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == quote) ++at_;
      token.text += text_[at_++];
    }
    if (at_ == text_.size()) token.kind = Token::Kind::Bad;
    token.raw = text_.substr(token.column, ++at_ - token.column);
    at_ = std::min(at_, text_.size());
    return token;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// How many letters must change to make one of the other; stops at 3.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j)
      corner = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1])}));
  }
  return row.back();
}

std::string unknown_field(std::string_view name) {
  const FilterField* nearest = nullptr;
  std::string all;
  for (const auto& field : kFields) {
    (all += all.empty() ? "" : ", ") += field.name;
    const bool close = name.size() < 32 && distance(name, field.name) <= 2;
    if (close && (nearest == nullptr || distance(name, field.name) < distance(name, nearest->name))) nearest = &field;
  }
  const std::string hint = nearest == nullptr ? "" : fmt::format(" Did you mean {}?", nearest->name);
  return fmt::format("there is no field \"{}\".{} The fields are {}", printable(shorten(name, 40)), hint, all);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text), token_(lexer_.next()) {}

  std::expected<std::vector<FilterStep>, Mistake> parse() {
    while (!mistake_) {
      operand();
      if (mistake_) break;
      while (!mistake_ && symbol(")")) close();
      if (mistake_ || token_.kind == Token::Kind::End) break;
      if (symbol("&&")) {
        push(Waiting::And);
      } else if (symbol("||")) {
        push(Waiting::Or);
      } else {
        fail("expected && or || or the end");
      }
    }
    while (!mistake_ && !waiting_.empty()) {
      if (waiting_.back().what == Waiting::Open) {
        mistake_ = Mistake{.column = waiting_.back().column, .what = "this parenthesis is not closed"};
        break;
      }
      reduce();
    }
    if (mistake_) return std::unexpected(*mistake_);
    return std::move(steps_);
  }

 private:
  struct Waiting {
    enum What : std::uint8_t { Open, Or, And, Not } what;
    std::size_t column;
  };

  void advance() { token_ = lexer_.next(); }

  bool symbol(std::string_view which) {
    if (token_.kind != Token::Kind::Symbol || token_.raw != which) return false;
    column_ = token_.column;
    advance();
    return true;
  }

  void fail(std::string what) { fail(token_, std::move(what)); }

  void fail(const Token& token, std::string what) {
    const bool open_quote = token.kind == Token::Kind::Bad && token.raw.size() > 0 &&
                            (token.raw[0] == '"' || token.raw[0] == '\'' || token.raw[0] == '`');
    if (open_quote) what = "this quote is not closed";
    mistake_ = Mistake{.column = token.column, .what = std::move(what)};
  }

  // Left to right, the tighter first: ! then && then ||.
  void push(Waiting::What what) {
    while (!waiting_.empty() && waiting_.back().what != Waiting::Open && waiting_.back().what >= what) reduce();
    waiting_.push_back({.what = what, .column = column_});
  }

  void reduce() {
    using enum FilterStep::Kind;
    const auto what = waiting_.back().what;
    waiting_.pop_back();
    steps_.push_back({.kind = what == Waiting::Not ? Not : what == Waiting::And ? And : Or});
  }

  void close() {
    while (!waiting_.empty() && waiting_.back().what != Waiting::Open) reduce();
    if (waiting_.empty()) {
      mistake_ = Mistake{.column = column_, .what = "nothing was opened that this parenthesis closes"};
      return;
    }
    waiting_.pop_back();
  }

  void operand() {
    for (;;) {
      if (symbol("(")) {
        waiting_.push_back({.what = Waiting::Open, .column = column_});
      } else if (symbol("!")) {
        waiting_.push_back({.what = Waiting::Not, .column = column_});
      } else {
        break;
      }
    }
    comparison();
  }

  void comparison() {
    if (token_.kind != Token::Kind::Name) return fail("expected a field: state, minutes, func, …");
    const Token name = token_;
    const auto* field = std::ranges::find(kFields, name.raw, &FilterField::name);
    if (field == kFields.end()) return fail(name, unknown_field(name.raw));
    FilterStep step{.field = static_cast<FilterFieldId>(field - kFields.begin())};
    advance();
    if (step.field == FilterFieldId::Label && !label_key(step)) return;
    const Token op = token_;
    if (const auto known = comparison_operator(op)) {
      step.op = *known;
      advance();
      value(*field, op, step);
    } else if (kind_of(*field) == Kind::Flag) {
      step.number = 1;
    } else {
      fail(fmt::format("expected a comparison after {}: {}", field->name,
                       kind_of(*field) == Kind::Number ? "== != < <= > >=" : "== != ~ !~"));
    }
    if (!mistake_) steps_.push_back(std::move(step));
  }

  bool label_key(FilterStep& step) {
    if (!symbol(".")) return fail("expected the label's key: label.tenant"), false;
    if (token_.kind != Token::Kind::Name && token_.kind != Token::Kind::Number && token_.kind != Token::Kind::Text)
      return fail("expected the label's key: label.tenant, label.\"any key\""), false;
    step.key = token_.kind == Token::Kind::Text ? token_.text : std::string(token_.raw);
    advance();
    // A key may itself have dots.
    while (symbol(".")) {
      if (token_.kind != Token::Kind::Name) return fail("expected the rest of the label's key"), false;
      (step.key += '.') += token_.raw;
      advance();
    }
    return true;
  }

  static std::optional<FilterOperator> comparison_operator(const Token& token) {
    using enum FilterOperator;
    if (token.kind != Token::Kind::Symbol) return std::nullopt;
    constexpr std::array<std::pair<std::string_view, FilterOperator>, 9> kOperators{{{"==", Equal},
                                                                                     {"!=", NotEqual},
                                                                                     {"<", Less},
                                                                                     {"<=", LessEqual},
                                                                                     {">", Greater},
                                                                                     {">=", GreaterEqual},
                                                                                     {"~", Match},
                                                                                     {"=~", Match},
                                                                                     {"!~", NoMatch}}};
    for (const auto& [text, op] : kOperators)
      if (token.raw == text) return op;
    return std::nullopt;
  }

  void value(const FilterField& field, const Token& op, FilterStep& step) {
    const bool equality = step.op == FilterOperator::Equal || step.op == FilterOperator::NotEqual;
    const bool match = step.op == FilterOperator::Match || step.op == FilterOperator::NoMatch;
    switch (kind_of(field)) {
      case Kind::Number: {
        if (match) return fail(op, fmt::format("{} is a number: compare it with == != < <= > >=", field.name));
        const auto number = token_.raw.starts_with("0x") ? parse_hex(token_.raw) : parse_decimal(token_.raw);
        if (token_.kind != Token::Kind::Number || !number)
          return fail(fmt::format("{} is compared with a number", field.name));
        step.number = *number;
        break;
      }
      case Kind::Flag:
        if (!equality || (token_.raw != "true" && token_.raw != "false"))
          return fail(op, fmt::format("{0} is true or false: write {0} or !{0}", field.name));
        step.number = token_.raw == "true" ? 1 : 0;
        break;
      case Kind::Text:
        if (!equality && !match) return fail(op, fmt::format("{} is a text: compare it with == != ~ !~", field.name));
        if (token_.kind != Token::Kind::Text)
          return fail(fmt::format("{} is compared with a text in quotes: \"…\"", field.name));
        step.text = token_.text;
        if (match && !compile(step)) return;
        break;
    }
    advance();
  }

  bool compile(FilterStep& step) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    step.expression = std::make_unique<re2::RE2>(re2::StringPiece(step.text.data(), step.text.size()), options);
    if (step.expression->ok()) return true;
    fail(fmt::format("this is no regular expression (RE2): {}", printable(step.expression->error())));
    return false;
  }

  Lexer lexer_;
  Token token_;
  std::size_t column_ = 0;  // of the last symbol taken
  std::vector<FilterStep> steps_;
  std::vector<Waiting> waiting_;
  std::optional<Mistake> mistake_;
};

}  // namespace

std::span<const FilterField> filter_fields() { return kFields; }

std::expected<std::vector<FilterStep>, Mistake> parse_filter(std::string_view text) { return Parser(text).parse(); }

}  // namespace gopsy::analyze
