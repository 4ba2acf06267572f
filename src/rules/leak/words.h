#pragma once

#include <string>
#include <string_view>

#include "analyze/leaks.h"
#include "rules/explain.h"

namespace gopsy::rules {

using analyze::Belief;
using analyze::LeakKind;
using analyze::LeakPlace;
using analyze::LeakReason;
using analyze::LeakStack;

/// All goroutines of a place in the traceback that has most of them.
std::uint64_t count_of(const LeakPlace& place);

/// "main.fetch.func1 at /src/fetch.go:31"; where only the library's frames are there, also who started it.
std::string where(const model::Symbols& symbols, const analyze::BlockedSite& site);
std::string where(const model::Symbols& symbols, const LeakStack& stack);

/// "1 goroutine leaked: it waits" or "5 goroutines leaked: they wait"; "is stuck" and "are stuck" where it is not
/// proven.
std::string leaked_they_wait(std::uint64_t count, Belief belief);

/// How it is known that these do not go on, as a sentence.
std::string how_known(const LeakPlace& place);

/// 0.98 for what the runtime or the state proves, less for what the traceback suggests.
double confidence_of(const LeakPlace& place);

/// A finding with the places' goroutines as evidence, `confirm` after how it is known, and the picture as next step.
Finding about(const Inquiry& inquiry, const LeakPlace& place);

/// The same for a stack of a profile.
Finding about(const Inquiry& inquiry, const LeakStack& stack);

/// The words that a rule about one kind of leak has.
struct LeakWords {
  std::string_view waits;  ///< after "they wait": "to receive in {}, and nobody closes the channel"; {} is the place
  std::string_view why;    ///< after how it is known
  std::string_view fix;
  bool (*told_elsewhere)(const LeakPlace&) = nullptr;  ///< places that another finding has
};

/// The body of a rule about one kind: each place that is more than a candidate, then stacks of goroutineleak profiles.
void run_leak_rule(const Inquiry& inquiry, LeakKind kind, const LeakWords& words, std::vector<Finding>& findings);

}  // namespace gopsy::rules
