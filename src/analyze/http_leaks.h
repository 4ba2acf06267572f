#pragma once

#include <unordered_map>

#include "analyze/leaks.h"

namespace gopsy::analyze {

struct HttpVerdict {
  LeakKind kind = LeakKind::HttpBody;
  Belief belief = Belief::Likely;
  LeakReason reason = LeakReason::Frames;
};

/// Leaks of net/http, by the state of its loops.
///
/// A client connection has two goroutines. readLoop stands in its own select only between the head of a response and
/// the end of its body: read to the end or closed. An idle connection reads (IO wait below bufio.Peek) instead, so the
/// two are told apart. A body that is being read has a reader: a goroutine inside bodyEOFSignal.Read or one that copies
/// or decodes; as many are taken off, and so is each crowd that works. From three left over on, bodies are not closed.
///
/// A request in roundTrip has no timeout if its stack is http.Get, Head, Post or PostForm: these use DefaultClient and
/// take no context. A goroutine that is nothing but such a call drops the response, too.
///
/// Source  net/http/transport.go readLoop, roundTrip; server.go (*conn).serve; read at Go 1.19, 1.23, 1.26.
std::unordered_map<const model::Goroutine*, HttpVerdict> http_leaks(const model::Traceback& traceback,
                                                                    const model::Symbols& symbols);

/// `http.Get` and its kind: the package's functions, which take no context and use DefaultClient.
bool is_call_without_timeout(std::string_view function);

}  // namespace gopsy::analyze
