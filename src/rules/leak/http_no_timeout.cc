#include <vector>

#include "rules/catalog.h"
#include "rules/leak/words.h"

namespace gopsy::rules {
namespace {

// A connection has two loops, each at one of a few lines of the library.
constexpr std::size_t kLoopsShown = 8;

bool is_connection_loop(std::string_view function) {
  return function == "net/http.(*persistConn).readLoop" || function == "net/http.(*persistConn).writeLoop";
}

// What the loops of the connection are called when they wait below a library frame.
bool is_companion(const Inquiry& inquiry, const LeakPlace& place) {
  const auto& site = place.at.largest();
  for (const auto& frame : site.traceback->frames_of(*site.goroutines.front()))
    if (is_connection_loop(inquiry.incident.symbols.text(frame.function))) return true;
  return false;
}

void add_client(const Inquiry& inquiry, const LeakPlace& place, const std::vector<const LeakPlace*>& loops,
                std::vector<Finding>& findings) {
  const auto& symbols = inquiry.incident.symbols;
  Finding finding = about(inquiry, place);
  const std::uint64_t requests = count_of(place);
  for (const LeakPlace* loop : loops) add_evidence(loop->at, symbols, finding);
  finding.title = fmt::format("{} for an HTTP response without a timeout: {}{}",
                              counted(requests, "goroutine waits", "goroutines wait"),
                              where(symbols, place.at.largest()), counts_by_input(place.at));
  finding.why =
      place.reason == LeakReason::Frames
          ? std::string(
                "http.Get, Head, Post and PostForm take no context and use http.DefaultClient, which has no "
                "timeout: if the server accepts and never answers, the call never returns. Its connection and "
                "the two goroutines of it stay as well.")
          : fmt::format(
                "The runtime gives the wait as {}, an estimate that can be one collection (2 minutes in an idle "
                "process) "
                "too long. A timeout of the client or of the request's context would have ended it.",
                counted(place.at.largest().oldest_minutes, "minute"));
  finding.confirm = "Look at the client that is used there: Client.Timeout, and the context of the request.";
  finding.fix =
      "Use a client of your own, `&http.Client{Timeout: 10 * time.Second}`, or http.NewRequestWithContext with a "
      "deadline; and close the body of every response.";
  findings.push_back(std::move(finding));
}

void add_server(const Inquiry& inquiry, const LeakPlace& place, std::vector<Finding>& findings) {
  Finding finding = about(inquiry, place);
  finding.confidence = 0.75;
  finding.title = fmt::format("{} for a request that does not come: {}{}",
                              counted(count_of(place), "server connection waits", "server connections wait"),
                              where(inquiry.incident.symbols, place.at.largest()), counts_by_input(place.at));
  finding.why = fmt::format(
      "They wait for the next bytes of their client, for up to {} by the runtime's estimate (which can be one "
      "collection too long). With ReadHeaderTimeout or IdleTimeout set the server would have closed them.",
      counted(place.at.largest().oldest_minutes, "minute"));
  finding.confirm = "Look at the http.Server that is started: which of its timeouts are zero (gosec G112, G114).";
  finding.fix =
      "Set them: `&http.Server{ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute}`; ListenAndServe of "
      "the package has none.";
  findings.push_back(std::move(finding));
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  std::vector<const LeakPlace*> loops;
  for (const LeakPlace& place : inquiry.leaks)
    if (place.kind == LeakKind::HttpRequest && loops.size() < kLoopsShown && is_companion(inquiry, place))
      loops.push_back(&place);
  for (const LeakPlace& place : inquiry.leaks) {
    if (place.kind == LeakKind::HttpRequest && !is_companion(inquiry, place))
      add_client(inquiry, place, loops, findings);
    if (place.kind == LeakKind::HttpServer) add_server(inquiry, place, findings);
  }
}

}  // namespace

constinit const Rule kHttpNoTimeout{
    .id = "leak.http-no-timeout",
    .severity = Severity::Warning,
    .summary = "clients wait on the network without a timeout",
    .run = run,
};

}  // namespace gopsy::rules
