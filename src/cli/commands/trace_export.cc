#include "cli/commands/trace_export.h"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>

#include "app/trace_views.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/terminal.h"

namespace gopsy::cli {
namespace {

// "250ms", "1.5s", "2m"; nothing for what is no such time.
std::optional<std::int64_t> parse_time(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return {};
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  double factor = 0;
  if (unit == "ns") factor = 1;
  if (unit == "us" || unit == "µs") factor = 1e3;
  if (unit == "ms") factor = 1e6;
  if (unit == "s") factor = 1e9;
  if (unit == "m" || unit == "min") factor = 60e9;
  const double ns = number * factor;
  if (factor == 0 || ns > 9e18) return {};
  return static_cast<std::int64_t>(ns);
}

// Writes a file in pieces; what is half written is removed.
class Output {
 public:
  explicit Output(std::string path) : path_(std::move(path)) {
    file_ = path_ == "-" ? stdout : std::fopen(path_.c_str(), "wb");
    if (file_ == nullptr) fail();
  }
  ~Output() {
    if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  bool write(std::string_view bytes) {
    if (file_ != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail();
    return file_ != nullptr;
  }
  bool close() {
    if (file_ != nullptr && file_ != stdout && std::fclose(std::exchange(file_, nullptr)) != 0) fail();
    return !failed_;
  }
  void remove() {
    if (path_ != "-") std::remove(path_.c_str());
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  void fail() {
    if (!failed_) print_error(fmt::format("{}: cannot be written: {}", path_, std::strerror(errno)));
    failed_ = true;
    if (file_ != nullptr && file_ != stdout) std::fclose(file_);
    file_ = nullptr;
    remove();
  }

  std::string path_;
  std::FILE* file_ = nullptr;
  bool failed_ = false;
};

bool take_range(const Invocation& invocation, app::TraceViewOptions& options) {
  for (const auto& [flag, target] :
       {std::pair{"from", &options.range.from_ns}, std::pair{"to", &options.range.to_ns}}) {
    if (!invocation.has(flag)) continue;
    const auto ns = parse_time(invocation.get(flag));
    if (!ns) {
      print_error(fmt::format("--{} is a time since the trace began, such as 1.5s or 250ms", flag));
      return false;
    }
    *target = *ns;
  }
  if (options.range.from_ns >= options.range.to_ns) {
    print_error("--from has to be before --to");
    return false;
  }
  return true;
}

}  // namespace

int run_trace_export(const Invocation& invocation) {
  app::TraceViewOptions options;
  if (!take_range(invocation, options)) return kUsage;
  if (invocation.has("top")) {
    const auto top = parse_decimal(invocation.get("top"));
    if (!top || *top == 0 || *top > 1'000'000) {
      print_error("--top is a number of goroutines");
      return kUsage;
    }
    options.top = *top;
  }
  const std::string path = invocation.get("output");
  if (path.empty() || (path == "-" && stdout_is_terminal())) {
    print_error("-o names the file to write");
    return kUsage;
  }
  if (invocation.has("svg")) {
    std::string svg;
    const auto outcome = app::draw_timeline(invocation.operands[0], options, svg);
    if (outcome.failure.empty()) return write_output(path, svg) ? kDone : kUsage;
    print_error(outcome.failure);
    return kUsage;
  }
  Output output(path);
  if (output.failed()) return kUsage;
  const auto out = [&output](std::string_view bytes) { return output.write(bytes); };
  const auto warn = [](const std::string& words) { print_error(words); };
  const auto outcome = app::export_perfetto(invocation.operands[0], options, out, warn);
  if (!outcome.failure.empty()) {
    print_error(outcome.failure);
    output.remove();
    return kUsage;
  }
  return output.close() ? kDone : kUsage;
}

}  // namespace gopsy::cli
