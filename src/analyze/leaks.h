#pragma once

#include <cstdint>
#include <vector>

#include "analyze/blocked_sites.h"
#include "model/evidence.h"

namespace gopsy::analyze {

/// What a leaked goroutine is stuck in.
enum class LeakKind : std::uint8_t {
  Send,
  Receive,
  Select,       ///< with cases
  EmptySelect,  ///< select {}
  NilChannel,
  Lock,
  Cond,
  WaitGroup,
  Context,  ///< context's own goroutine that waits for a parent or child to end
  Sleep,
  HttpBody,     ///< the loops of a client connection whose response nobody reads or closes
  HttpRequest,  ///< a client request without a timeout, and the loops of its connection
  HttpServer,   ///< a server connection without a timeout
  Handler,      ///< a request handler in a channel operation that no client can end, and its connection's reader
  Other,        ///< runs, or waits for I/O
};

/// How far the text tells a leak from a goroutine in good health.
enum class Belief : std::uint8_t {
  Candidate,  ///< nothing speaks against it; long-lived work looks the same
  Likely,
  Proven,  ///< it can never go on
};

enum class LeakReason : std::uint8_t {
  Marked,     ///< the runtime's own proof: "(leaked)"
  State,      ///< the state never ends: a nil channel, select {}
  Age,        ///< so old by the runtime's estimate that no slow partner explains it
  NoPartner,  ///< nobody in the traceback can still release it (rescue.h)
  Frames,     ///< the stack tells
  Crowd,      ///< senders of is_abandoned_send
  Spread,     ///< one left behind by each of many calls
  Outlived,   ///< the call that started it is over; no more than that
};

/// Leaked goroutines at one place, over all tracebacks.
struct LeakPlace {
  LeakKind kind = LeakKind::Other;
  Belief belief = Belief::Candidate;
  LeakReason reason = LeakReason::Outlived;
  BlockedPlace at;
};

/// Every goroutine that is leaked, or may be, with how that is known.
///
/// Shape   A candidate is a goroutine that outlived the call that started it and waits without a known end. Long-lived
///         workers of a service look the same, so candidates are given only for tracebacks that have a leak already
///         (a Proven or Likely one): there the question is open. Goroutines that
///         came from the same go-statement's function as a leaked one are candidates whatever they do.
/// Yields  in the order of the evidence. Never main, never tracebacks of a deadlock that the runtime reported.
/// Cost    linear in goroutines and frames, times the logarithm of the number of places.
/// `blocked` are the places of the same incident (blocked_places), which know the crowds of senders.
std::vector<LeakPlace> leak_places(const model::Incident& incident, const std::vector<BlockedPlace>& blocked);

/// Four or more senders of one go statement, most of which outlived the call that started them, not started in one
/// go as a pool is: the receivers left.
bool is_abandoned_send(const BlockedSite& site);

/// Leaked stacks of a profile, which has no ids and no states: a goroutineleak profile is proof; a goroutine profile
/// (debug=1 or pprof) tells what stacks alone can tell.
struct LeakStack {
  LeakKind kind = LeakKind::Other;
  Belief belief = Belief::Proven;
  const model::Evidence* evidence = nullptr;
  model::Frame place;
  std::int64_t count = 0;
};
std::vector<LeakStack> leak_stacks(const model::Incident& incident);

}  // namespace gopsy::analyze
