#include "rules/panic/recoverers.h"

#include <algorithm>
#include <array>

namespace gopsy::rules {

const model::TracebackFrame* recovering_frame(const model::Traceback& traceback, const model::Goroutine& goroutine,
                                              const model::Symbols& symbols) {
  // net/http/server.go conn.serve and h2_bundle.go runHandler recover; the middlewares say so in their names.
  constexpr std::array<std::string_view, 7> kRecover{"net/http.(*conn).serve",
                                                     "net/http.(*http2serverConn).runHandler",
                                                     "golang.org/x/net/http2.(*serverConn).runHandler",
                                                     "net/rpc.(*service).call",
                                                     "gin.CustomRecoveryWithWriter",
                                                     "middleware.Recover",
                                                     "/recovery."};
  const auto frames = traceback.frames_of(goroutine);
  const auto found = std::ranges::find_if(frames, [&](const model::TracebackFrame& frame) {
    const std::string_view function = symbols.text(frame.function);
    return std::ranges::any_of(kRecover, [function](std::string_view name) { return function.contains(name); });
  });
  return found == frames.end() ? nullptr : &*found;
}

}  // namespace gopsy::rules
