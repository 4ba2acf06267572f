#include "cli/line_editor.h"

#include <histedit.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "cli/terminal.h"

namespace gopsy::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kHistoryLines = 1000;
constexpr std::size_t kMostChoices = 60;

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Empty: no place for it.
fs::path history_file(const std::string& name) {
  fs::path state = variable("XDG_STATE_HOME");
  if (state.empty()) {
    const std::string home = variable("HOME");
    if (home.empty()) return {};
    state = fs::path(home) / ".local/state";
  }
  return state / "gopsy" / (name + "_history");
}

bool can_edit() {
  return ::isatty(STDIN_FILENO) == 1 && stdout_is_terminal() && !variable("TERM").empty() && variable("TERM") != "dumb";
}

// In columns, as `ls` shows names; the first of many.
std::string listed(const std::vector<std::string>& choices) {
  const std::size_t count = std::min(choices.size(), kMostChoices);
  std::size_t width = 0;
  for (std::size_t i = 0; i < count; ++i) width = std::max(width, choices[i].size() + 2);
  const std::size_t columns = std::max<std::size_t>(1, terminal_width() / width);
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += choices[i];
    const bool ends_line = i + 1 == count || (i + 1) % columns == 0;
    out += ends_line ? "\n" : std::string(width - choices[i].size(), ' ');
  }
  if (count < choices.size()) out += "... and " + std::to_string(choices.size() - count) + " more\n";
  return out;
}

}  // namespace

// libedit's handles.
class LineEditor::Terminal {
 public:
  Terminal(const std::string& name, const std::string& prompt, Complete complete)
      : prompt_(prompt), complete_(std::move(complete)), file_(history_file(name)) {
    // libedit shows what this locale cannot as escapes; every libc has this one.
    std::setlocale(LC_CTYPE, "C.UTF-8");
    edit_ = ::el_init("gopsy", stdin, stdout, stderr);
    history_ = ::history_init();
    HistEvent event;
    ::history(history_, &event, H_SETSIZE, kHistoryLines);
    ::history(history_, &event, H_SETUNIQUE, 1);
    if (!file_.empty()) ::history(history_, &event, H_LOAD, file_.c_str());
    ::el_set(edit_, EL_CLIENTDATA, this);
    ::el_set(edit_, EL_PROMPT, &Terminal::show_prompt);
    ::el_set(edit_, EL_EDITOR, "emacs");
    ::el_set(edit_, EL_SIGNAL, 1);
    ::el_set(edit_, EL_HIST, ::history, history_);
    ::el_set(edit_, EL_ADDFN, "gopsy-complete", "completes the word", &Terminal::tab);
    ::el_set(edit_, EL_BIND, "^I", "gopsy-complete", nullptr);
    ::el_set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    ::el_source(edit_, nullptr);
  }
  ~Terminal() {
    save();
    ::history_end(history_);
    ::el_end(edit_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  std::optional<std::string> read() {
    int count = 0;
    const char* const text = ::el_gets(edit_, &count);
    if (text == nullptr || count <= 0) {
      print("\n");
      return std::nullopt;
    }
    std::string line(text, static_cast<std::size_t>(count));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    HistEvent event;
    if (line.find_first_not_of(" \t") != std::string::npos) ::history(history_, &event, H_ENTER, line.c_str());
    return line;
  }

 private:
  static Terminal& self(::EditLine* edit) {
    void* data = nullptr;
    ::el_get(edit, EL_CLIENTDATA, &data);
    return *static_cast<Terminal*>(data);
  }
  static char* show_prompt(::EditLine* edit) { return self(edit).prompt_.data(); }
  static unsigned char tab(::EditLine* edit, int /*key*/) { return self(edit).complete_line(); }

  // What stands behind the cursor stays.
  unsigned char complete_line() {
    const LineInfo* const info = ::el_line(edit_);
    const std::string before(info->buffer, static_cast<std::size_t>(info->cursor - info->buffer));
    const Completion completion = complete_(before);
    if (completion.line != before) {
      ::el_deletestr(edit_, static_cast<int>(before.size()));
      ::el_insertstr(edit_, completion.line.c_str());
      return CC_REFRESH;
    }
    if (completion.choices.empty()) return CC_REFRESH_BEEP;
    print("\n" + listed(completion.choices));
    std::fflush(stdout);
    return CC_REDISPLAY;
  }

  void save() {
    if (file_.empty()) return;
    std::error_code code;
    fs::create_directories(file_.parent_path(), code);
    HistEvent event;
    if (!code) ::history(history_, &event, H_SAVE, file_.c_str());
  }

  std::string prompt_;
  Complete complete_;
  fs::path file_;
  ::EditLine* edit_ = nullptr;
  ::History* history_ = nullptr;
};

LineEditor::LineEditor(std::string name, std::string prompt, Complete complete) : prompt_(std::move(prompt)) {
  if (can_edit()) terminal_ = std::make_unique<Terminal>(name, prompt_, std::move(complete));
}

LineEditor::~LineEditor() = default;

std::optional<std::string> LineEditor::read() {
  if (terminal_ != nullptr) return terminal_->read();
  if (::isatty(STDIN_FILENO) == 1) print(prompt_);
  std::fflush(stdout);
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

}  // namespace gopsy::cli
