#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/log/line_class.h"
#include "decode/log/stream.h"

namespace gopsy::decode::log {

/// Lines that nothing tells apart, though two processes may have written them: where a line cannot follow what stands
/// above it, a second stack is open, and from there on each line goes to the one that it can follow.
///
/// A place follows a function, a function follows a header or a place, and a header follows none of these directly:
/// that tells most lines. Where both could take a line, the one that has waited longer does, and a function goes to the
/// stack of its package. What stays open: two functions in a row that both could take, written in bursts.
///
/// Yields  one reading a lane; the second only if there was one.
/// Cost    a look at the class of each line that is near an anchor.
class Lanes {
 public:
  explicit Lanes(model::Symbols& symbols) : symbols_(symbols), first_(symbols) {}

  void line(std::string_view text, std::uint32_t number);

  /// Lines of a dump that follow each other as they must, the fast way: the first bytes tell what they are.
  /// False: the line is of another kind, or there are two lanes; nothing was done.
  bool plain_line(std::string_view text, std::uint32_t number);

  std::vector<traceback::Reading> finish(bool complete);

 private:
  enum class State : std::uint8_t {
    Idle,       ///< no traceback is open
    Header,     ///< panic, fatal or signal lines
    Goroutine,  ///< a goroutine's header: a function must follow
    Function,   ///< a function: its place must follow
    Place,      ///< a whole frame
  };
  struct Lane {
    State state = State::Idle;
    std::uint64_t fed = 0;  ///< when it got its last line
    std::string function;   ///< the last one, while its place is missing
  };
  struct Held {
    std::string text;
    std::uint32_t number = 0;
    LineClass kind = LineClass::Other;
  };

  void settle_late();
  void sort_out(std::string_view text, std::uint32_t number, LineClass kind);
  void place(std::string_view text, std::uint32_t number, LineClass kind);
  void hand(std::size_t lane, std::string_view text, std::uint32_t number, LineClass kind);
  [[nodiscard]] std::optional<bool> is_tangled() const;
  void decide(bool tangled);
  [[nodiscard]] std::size_t longer_waiting(std::array<bool, 2> can) const;

  model::Symbols& symbols_;
  Stream first_;
  std::unique_ptr<Stream> second_;
  std::array<Lane, 2> lanes_;
  std::uint64_t clock_ = 0;
  std::size_t last_ = 0;    ///< the lane of the last line
  unsigned others_ = 0;     ///< ordinary lines since the last of a traceback
  bool lead_ = false;       ///< the last line that was not ordinary announced a crash: "runtime: …", "SIGQUIT: quit"
  std::vector<Held> late_;  ///< ordinary lines after such a one: put behind the header, which must follow directly
  std::vector<Held> held_;  ///< after a second header in a row: until it shows whose it is
};

}  // namespace gopsy::decode::log
