#pragma once

#include "model/trace_event.h"

namespace gopsy::model {

/// Whether events of the type are about a goroutine and what it does from there on.
constexpr bool changes_goroutine(TraceType type) {
  return (type >= TraceType::GoCreate && type <= TraceType::GoStatus) ||
         (type >= TraceType::GoSwitch && type <= TraceType::GoStatusStack);
}

}  // namespace gopsy::model
