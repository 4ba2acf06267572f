#pragma once

#include <string>
#include <string_view>

namespace gopsy::cli {

bool stdout_is_terminal();
bool stderr_is_terminal();

/// Colours are for terminals whose user did not say NO_COLOR.
bool wants_color();

/// Columns of the terminal, between 60 and 160; 100 where there is none.
unsigned terminal_width();

void print(std::string_view text);        ///< to stdout
void print_error(std::string_view text);  ///< "gopsy: …" to stderr, with a newline

/// Writes a file, or stdout for "-". False, and a message on stderr, if that fails; a half-written
/// file is removed.
bool write_output(const std::string& path, std::string_view content);

/// A line on stderr that names what is being read, once the work has taken half a second; only on terminals.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void show(const std::string& path);

 private:
  long long start_ms_;
  bool shown_ = false;
};

}  // namespace gopsy::cli
