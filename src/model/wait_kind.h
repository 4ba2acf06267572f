#pragma once

#include <string_view>

#include "model/traceback.h"

namespace gopsy::model {

/// The state words of a goroutine, by meaning; the words differ between Go versions.
WaitKind wait_kind(std::string_view state);

}  // namespace gopsy::model
