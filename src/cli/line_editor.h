#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/line_completion.h"

namespace gopsy::cli {

/// Reads lines from a terminal with editing, a history that outlives the run, and a tab key.
///
/// Shape   emacs keys, or vi's where ~/.editrc says so. The history is $XDG_STATE_HOME/gopsy/NAME_history, else
///         ~/.local/state/gopsy/NAME_history: the last thousand lines, none twice in a row. Without a home there is
///         none. Where stdin or stdout is no terminal, or it is a dumb one, lines are read as they come.
/// Cost    the history is read at the start, and written at the end.
class LineEditor {
 public:
  using Complete = std::function<Completion(std::string_view line)>;

  LineEditor(std::string name, std::string prompt, Complete complete);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// The next line without its end; nothing at the end of the input.
  std::optional<std::string> read();

 private:
  class Terminal;
  std::string prompt_;
  std::unique_ptr<Terminal> terminal_;  // none where lines are read as they come
};

}  // namespace gopsy::cli
