#pragma once

#include "rules/rule.h"

// Every rule, once, in the order in which they are listed. Adding one: a file that defines the constant,
// and its name here; the registry test then asks for docs/rules/ID.md and for goldens.
#define GOPSY_RULES(ROW)      \
  ROW(kStackOverflow)         \
  ROW(kSelfFormatting)        \
  ROW(kNilDereference)        \
  ROW(kBadAddress)            \
  ROW(kBusError)              \
  ROW(kNilMapWrite)           \
  ROW(kIndexOutOfRange)       \
  ROW(kSliceBounds)           \
  ROW(kTypeAssertion)         \
  ROW(kDivideByZero)          \
  ROW(kNegativeShift)         \
  ROW(kUncomparable)          \
  ROW(kMakeSize)              \
  ROW(kSendOnClosed)          \
  ROW(kCloseOfClosed)         \
  ROW(kCloseOfNil)            \
  ROW(kWaitGroupNegative)     \
  ROW(kWaitGroupReuse)        \
  ROW(kConcurrentMap)         \
  ROW(kUnlockOfUnlocked)      \
  ROW(kGoNilFunc)             \
  ROW(kOutOfMemory)           \
  ROW(kThreadLimit)           \
  ROW(kPanicWhilePrinting)    \
  ROW(kCgoSignal)             \
  ROW(kCHeapCorruption)       \
  ROW(kCgoPointer)            \
  ROW(kIllegalInstruction)    \
  ROW(kArithmeticSignal)      \
  ROW(kAbort)                 \
  ROW(kExternalSignal)        \
  ROW(kRuntimeSignal)         \
  ROW(kBadPointer)            \
  ROW(kExplicitPanic)         \
  ROW(kPanicInDeferred)       \
  ROW(kHiddenByRepanic)       \
  ROW(kRecoverIneffective)    \
  ROW(kUnprotectedGoroutine)  \
  ROW(kSwallowed)             \
  ROW(kNilPanic)              \
  ROW(kAllAsleep)             \
  ROW(kMainGoexit)            \
  ROW(kLockOrder)             \
  ROW(kSelfLock)              \
  ROW(kLostUnlock)            \
  ROW(kRecursiveRLock)        \
  ROW(kNilChannel)            \
  ROW(kWaitingForWorkers)     \
  ROW(kNoPeer)                \
  ROW(kAbandonedSender)       \
  ROW(kUnclosedRange)         \
  ROW(kForgottenCancel)       \
  ROW(kTicker)                \
  ROW(kHttpBody)              \
  ROW(kHttpNoTimeout)         \
  ROW(kWaitGroupLostDone)     \
  ROW(kBlockedCrowd)          \
  ROW(kGrowingSite)           \
  ROW(kLockHeld)              \
  ROW(kCpuStarvation)         \
  ROW(kRaceClosureCapture)    \
  ROW(kRaceMap)               \
  ROW(kRaceSlice)             \
  ROW(kRaceMixedAtomic)       \
  ROW(kRaceChannelClose)      \
  ROW(kRaceWaitGroup)         \
  ROW(kRaceField)             \
  ROW(kRaceLostStack)         \
  ROW(kOomKill)               \
  ROW(kSigquit)               \
  ROW(kTerminated)            \
  ROW(kSilent)                \
  ROW(kTestTimeout)           \
  ROW(kCpuHotPath)            \
  ROW(kInlinedLeaf)           \
  ROW(kGcPressure)            \
  ROW(kGcLiveGrowth)          \
  ROW(kHeapGrowth)            \
  ROW(kLockContention)        \
  ROW(kRwMutexReaders)        \
  ROW(kTraceBeforePanic)      \
  ROW(kTraceBesideDump)       \
  ROW(kTraceDeadlock)         \
  ROW(kTraceStuck)            \
  ROW(kTraceLeak)             \
  ROW(kTraceNeverEnded)       \
  ROW(kTraceNeverRan)         \
  ROW(kTraceBlockedLong)      \
  ROW(kTraceLockConvoy)       \
  ROW(kTraceSerialBottleneck) \
  ROW(kTraceStarvation)       \
  ROW(kTraceSchedulerLatency) \
  ROW(kTraceGreedy)           \
  ROW(kTraceStopTheWorld)     \
  ROW(kTraceGcPressure)       \
  ROW(kTraceCreationStorm)    \
  ROW(kTraceSyscallThrash)    \
  ROW(kTraceTimerStorm)       \
  ROW(kTraceNetworkStall)     \
  ROW(kTraceTaskLatency)      \
  ROW(kTracePanicInFlight)    \
  ROW(kTraceTorn)             \
  ROW(kTruncated)             \
  ROW(kTruncatedStacks)       \
  ROW(kSamplingRate)          \
  ROW(kSuppressedDump)        \
  ROW(kFolklore)

namespace gopsy::rules {

#define GOPSY_DECLARE_RULE(name) extern const Rule name;
GOPSY_RULES(GOPSY_DECLARE_RULE)
#undef GOPSY_DECLARE_RULE

}  // namespace gopsy::rules
