#pragma once

#include <cstdint>
#include <string>

#include "base/json_writer.h"
#include "model/symbols.h"
#include "model/trace_facts.h"

namespace gopsy::render {

/// Says of stacks of a trace where they are.
class TraceStackWords {
 public:
  TraceStackWords(const model::Symbols& symbols, const model::TraceStacks& stacks)
      : symbols_(symbols), stacks_(stacks) {}

  /// "store.(*DB).Get store.go:40 (sync.(*Mutex).Lock)": the innermost frame of the program's own code, and what of
  /// the standard library it was in. Stacks of the library alone: "net.(*conn).Read net.go:196 ←
  /// net/http.(*conn).serve".
  [[nodiscard]] std::string place(std::uint32_t stack) const;
  /// "store.(*DB).Get store.go:40".
  [[nodiscard]] std::string frame(std::uint32_t place) const;
  [[nodiscard]] std::string text(StringId name) const;
  /// A member with the stack's frames, leaf first.
  void add_json(JsonWriter& json, std::string_view name, std::uint32_t stack) const;

  [[nodiscard]] const model::Symbols& symbols() const { return symbols_; }
  [[nodiscard]] const model::TraceStacks& stacks() const { return stacks_; }

 private:
  [[nodiscard]] std::string function(std::uint32_t place) const;

  const model::Symbols& symbols_;
  const model::TraceStacks& stacks_;
};

/// How long after the first event of the trace something was: "+1.234567 s".
std::string trace_moment(std::int64_t ns, std::int64_t first_ns);

/// "12 ms running, 3 ms blocked": what is not zero, most first; at most `most` of them.
std::string words_of_states(const model::TraceStates& states, std::size_t most);

}  // namespace gopsy::render
