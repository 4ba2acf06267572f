#pragma once

#include <unordered_set>

#include "model/evidence.h"

namespace gopsy::analyze {

/// Goroutines of a living process that wait for work of others to go on (a send, a lock, a WaitGroup) while nobody
/// in the traceback can still do that work: a deadlock of a part of the program, as far as text can tell.
///
/// Shape   Whoever runs, sleeps, waits for I/O, or stands in a select may act again by himself. Everybody else waits
///         until one who may act is a possible partner: for a lock, one with a frame in a package of the waiter's
///         stack (who holds a lock is inside the code that took it); for a channel, anybody who runs, sleeps or
///         waits for I/O, or one of the same type or function; for a WaitGroup, a child or one of the same package.
///         A partner found may act as well. What is left has no partner. Accept loops, idle connections and other
///         goroutines of the standard library alone take no part.
/// Yields  those in a send, a lock or a WaitGroup, and receivers and Cond waiters of the same type or function as one
///         of them. Never main, never all of a traceback that was cut: who was not printed may be the partner.
/// Cost    linear in goroutines and frames.
std::unordered_set<const model::Goroutine*> without_partner(const model::Traceback& traceback,
                                                            const model::Symbols& symbols);

/// A goroutine that waits for whoever comes from outside (a listener, a signal) or belongs to the standard library
/// alone: no party to what the program does among itself.
bool is_infrastructure(const model::Traceback& traceback, const model::Goroutine& goroutine,
                       const model::Symbols& symbols);

}  // namespace gopsy::analyze
