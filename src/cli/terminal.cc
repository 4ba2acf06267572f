#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/format.h"
#include "base/text.h"

namespace gopsy::cli {
namespace {

long long now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

bool stdout_is_terminal() { return isatty(STDOUT_FILENO) == 1; }
bool stderr_is_terminal() { return isatty(STDERR_FILENO) == 1; }

bool wants_color() {
  const char* no_color = std::getenv("NO_COLOR");
  return stdout_is_terminal() && (no_color == nullptr || *no_color == '\0');
}

unsigned terminal_width() {
  winsize size{};
  if (!stdout_is_terminal() || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 100;
  return std::clamp<unsigned>(size.ws_col, 60, 160);
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_error(std::string_view text) {
  const std::string line = fmt::format("gopsy: {}\n", printable(text));
  std::fwrite(line.data(), 1, line.size(), stderr);
}

bool write_output(const std::string& path, std::string_view content) {
  if (path == "-") {
    print(content);
    return true;
  }
  std::FILE* file = std::fopen(path.c_str(), "wb");
  bool written = file != nullptr && std::fwrite(content.data(), 1, content.size(), file) == content.size();
  int error = errno;
  if (file != nullptr && std::fclose(file) != 0) {
    written = false;
    error = errno;
  }
  if (written) return true;
  print_error(fmt::format("{}: cannot be written: {}", path, std::strerror(error)));
  if (file != nullptr) std::remove(path.c_str());
  return false;
}

Progress::Progress() : start_ms_(now_ms()) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(const std::string& path) {
  if (!stderr_is_terminal() || now_ms() - start_ms_ < 500) return;
  const std::string line = fmt::format("\r\x1b[Kreading {}", shorten(printable(path), 70));
  std::fputs(line.c_str(), stderr);
  shown_ = true;
}

}  // namespace gopsy::cli
