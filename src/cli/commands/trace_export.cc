#include "cli/commands/trace_export.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "app/trace.h"
#include "app/trace_views.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/commands/trace_views.h"
#include "cli/terminal.h"

namespace gopsy::cli {
namespace {

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

}  // namespace

int run_trace_export(const Invocation& invocation) {
  app::TraceViewOptions options;
  const auto inquiry = trace_inquiry(invocation);
  const auto range = inquiry ? app::range_of_trace(invocation.operands[0], *inquiry)
                             : std::expected<analyze::TraceRange, std::string>(std::unexpected(inquiry.error()));
  if (!range) {
    print_error(range.error());
    return kUsage;
  }
  options.range = *range;
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
