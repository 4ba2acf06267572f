#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gopsy::decode::traceback {

/// Finds GODEBUG and GOTRACEBACK where deployment files spell them without "=".
///
/// Shape   `GODEBUG: gctrace=1` (compose, a map in YAML), `ENV GODEBUG gctrace=1` (Dockerfile), and the pair
///         `name: GODEBUG`, `value: gctrace=1` of Kubernetes on lines one below the other, in YAML or JSON.
/// Yields  "GODEBUG=gctrace=1" at the line that has the value.
/// Cost    one look at each line; keeps which of the two names stood on the line above.
class Settings {
 public:
  std::optional<std::string> line(std::string_view text);

 private:
  std::string_view name_;  // of the line above
};

}  // namespace gopsy::decode::traceback
