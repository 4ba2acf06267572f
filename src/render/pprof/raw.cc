#include <algorithm>
#include <array>
#include <ctime>

#include "base/format.h"
#include "base/text.h"
#include "render/pprof/report.h"

namespace gopsy::pprof {
namespace {

// time.Duration's own text, of which %.4v keeps four characters.
std::string duration_text(std::int64_t nanoseconds) {
  const bool negative = nanoseconds < 0;
  std::uint64_t rest = negative ? 0 - static_cast<std::uint64_t>(nanoseconds) : static_cast<std::uint64_t>(nanoseconds);
  if (rest == 0) return "0s";
  std::string text;
  const auto fraction = [](std::uint64_t value, std::uint64_t unit, int digits) {
    std::string out = std::to_string(value / unit);
    std::string decimals = fmt::format("{:0{}}", value % unit, digits);
    while (!decimals.empty() && decimals.ends_with('0')) decimals.pop_back();
    return decimals.empty() ? out : out + "." + decimals;
  };
  if (rest < 1'000) {
    text = std::to_string(rest) + "ns";
  } else if (rest < 1'000'000) {
    text = fraction(rest, 1'000, 3) + "\u00b5s";
  } else if (rest < 1'000'000'000) {
    text = fraction(rest, 1'000'000, 6) + "ms";
  } else {
    const std::uint64_t minutes = rest / 60'000'000'000;
    text = fraction(rest % 60'000'000'000, 1'000'000'000, 9) + "s";
    if (minutes != 0) text = std::to_string(minutes % 60) + "m" + text;
    if (minutes >= 60) text = std::to_string(minutes / 60) + "h" + text;
  }
  return negative ? "-" + text : text;
}

std::string first_characters(const std::string& text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size() && count > 0; --count) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  }
  return text.substr(0, at);
}

// "2006-01-02 15:04:05.999999999 -0700 MST"
std::string time_text(std::int64_t nanoseconds) {
  std::int64_t seconds = nanoseconds / 1'000'000'000;
  std::int64_t rest = nanoseconds % 1'000'000'000;
  if (rest < 0) rest += 1'000'000'000, --seconds;
  const std::time_t time = seconds;
  std::tm local{};
  if (localtime_r(&time, &local) == nullptr) return {};
  std::array<char, 80> head{};
  std::array<char, 80> zone{};
  const std::size_t head_size = std::strftime(head.data(), head.size(), "%Y-%m-%d %H:%M:%S", &local);
  const std::size_t zone_size = std::strftime(zone.data(), zone.size(), " %z %Z", &local);
  std::string fraction = rest == 0 ? "" : fmt::format(".{:09}", rest);
  while (fraction.ends_with('0')) fraction.pop_back();
  return std::string(head.data(), head_size) + fraction + std::string(zone.data(), zone_size);
}

std::string hex(std::uint64_t value) { return fmt::format("{:#x}", value); }

class RawText {
 public:
  explicit RawText(const Report& report) : report_(report), profile_(report.profile) {}

  std::string write() {
    head();
    for (std::size_t s = 0; s < profile_.sample_count(); ++s) {
      report_.drain_if_large(out_);
      sample(s);
    }
    out_ += "Locations\n";
    for (const auto& location : profile_.locations) add(location);
    out_ += "Mappings\n";
    for (const auto& mapping : profile_.mappings) add(mapping);
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view text(StringId id) const { return report_.symbols.text(id); }

  void head() {
    for (const StringId comment : profile_.comments) out_ += fmt::format("Comment: {}\n", text(comment));
    if (profile_.doc_url) out_ += fmt::format("Doc: {}\n", text(profile_.doc_url));
    out_ += fmt::format("PeriodType: {} {}\n", text(profile_.period_type.type), text(profile_.period_type.unit));
    out_ += fmt::format("Period: {}\n", profile_.period);
    if (profile_.time_ns != 0) out_ += fmt::format("Time: {}\n", time_text(profile_.time_ns));
    if (profile_.duration_ns != 0)
      out_ += fmt::format("Duration: {}\n", first_characters(duration_text(profile_.duration_ns), 4));
    out_ += "Samples:\n";
    std::string types;
    for (const auto& type : profile_.types) {
      const bool is_default = text(type.type) == text(profile_.default_type);
      types += fmt::format("{}/{}{} ", text(type.type), text(type.unit), is_default ? "[dflt]" : "");
    }
    out_ += std::string(trim(types)) + "\n";
  }

  void sample(std::size_t s) {
    for (std::size_t t = 0; t < profile_.types.size(); ++t) out_ += fmt::format(" {:10}", profile_.value(s, t));
    out_ += ": ";
    for (const std::uint32_t location : profile_.stack(s)) {
      out_ += std::to_string(profile_.locations[location].id);
      out_ += ' ';
    }
    out_ += '\n';
    if (profile_.label_start[s] != profile_.label_start[s + 1]) labels(s);
  }

  void labels(std::size_t s) {
    constexpr std::string_view kHead = "                ";
    const SampleLabels labels = labels_of(profile_, s, report_.symbols);
    std::vector<std::string> words;
    for (const auto& [key, values] : labels.texts) {
      const std::vector<std::string> list(values.begin(), values.end());
      words.push_back(fmt::format("{}:[{}]", key, join(list, " ")));
    }
    add_words(kHead, words);
    words.clear();
    for (const auto& [key, values] : labels.numbers) {
      bool units = false;
      for (const auto& [number, unit] : values) units |= bool{unit};
      std::vector<std::string> list;
      for (const auto& [number, unit] : values)
        list.push_back(units ? fmt::format("{} {}", number, text(unit)) : std::to_string(number));
      words.push_back(fmt::format("{}:[{}]", key, join(list, " ")));
    }
    add_words(kHead, words);
  }

  void add_words(std::string_view head, std::vector<std::string>& words) {
    if (words.empty()) return;
    std::ranges::sort(words);
    out_ += head;
    out_ += join(words, " ") + "\n";
  }

  void add(const model::Profile::Location& location) {
    std::string head = fmt::format("{:6}: {} ", location.id, hex(location.address));
    if (location.mapping != model::Profile::kNoMapping)
      head += fmt::format("M={} ", profile_.mappings[location.mapping].id);
    if (location.folded) head += "[F] ";
    if (location.line_count == 0) out_ += head + "\n";
    for (std::uint32_t i = 0; i < location.line_count; ++i) {
      const auto& line = profile_.lines[location.first_line + i];
      const auto& function = profile_.functions[line.function];
      out_ += fmt::format("{}{} {}:{}:{} s={}", head, text(function.name), text(function.file), line.line, line.column,
                          function.start_line);
      if (function.name != function.system_name) out_ += fmt::format("({})", text(function.system_name));
      out_ += '\n';
      head = "             ";
    }
  }

  void add(const model::Profile::Mapping& mapping) {
    out_ += fmt::format("{}: {}/{}/{} {} {} {}{}{}{}\n", mapping.id, hex(mapping.start), hex(mapping.limit),
                        hex(mapping.offset), text(mapping.file), text(mapping.build_id),
                        mapping.has_functions ? "[FN]" : "", mapping.has_filenames ? "[FL]" : "",
                        mapping.has_line_numbers ? "[LN]" : "", mapping.has_inline_frames ? "[IN]" : "");
  }

  const Report& report_;
  const model::Profile& profile_;
  std::string out_;
};

std::expected<std::string, std::string> write_raw(Report& report) { return RawText(report).write(); }

}  // namespace

constinit const Format kRaw{.name = "raw", .object_names = true, .exact = true, .write = write_raw};

}  // namespace gopsy::pprof
