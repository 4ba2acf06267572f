#pragma once

#include <string>
#include <vector>

#include "base/json_writer.h"
#include "model/evidence.h"
#include "model/trace_facts.h"

namespace gopsy::render {

/// "12.3%", or "" of nothing.
std::string share_of(std::int64_t part, std::int64_t whole);

/// "+1.234567 s": a moment of the trace since what is shown of it begins, to the microsecond.
std::string moment(const model::TraceTimes& times, std::int64_t ns);

/// A function's name on one line; "(not told)" where the trace has none.
std::string function_words(const model::Symbols& symbols, StringId function);

/// Where a stack stands for the reader: "main.work work.go:12", its first place outside the runtime; "" of none.
std::string place_words(const model::TraceFacts& facts, const model::Symbols& symbols, std::uint32_t stack);

/// "chan receive 81%, select 12%, sync 5%": the first `most` of what something was blocked on.
std::string blocked_words(const model::TraceTimes& times, const std::vector<model::TraceBlockedOn>& blocked,
                          std::size_t most);

/// "  only +500 ms to +800 ms of it (300 ms)\n" if that was asked for.
std::string range_words(const model::TraceTimes& times);

void add_json_states(JsonWriter& json, const model::TraceStates& states);
void add_json_spent(JsonWriter& json, const model::TraceSpent& spent);
void add_json_blocked(JsonWriter& json, const model::TraceTimes& times,
                      const std::vector<model::TraceBlockedOn>& blocked);
void add_json_latency(JsonWriter& json, std::string_view name, const model::TraceLatency& latency);
/// Member "range", of a range that was asked for, else null.
void add_json_range(JsonWriter& json, const model::TraceTimes& times);
/// Member `name`: an array of "function file:line", the leaf first.
void add_json_stack(JsonWriter& json, std::string_view name, const model::TraceFacts& facts,
                    const model::Symbols& symbols, std::uint32_t stack);

/// "▁▃█▂" in at most `width` columns, 0 to `top` (0: the largest); each column the mean, or the largest, of what it
/// stands for.
std::string sparkline(const std::vector<double>& values, std::size_t width, double top, bool largest = false);

}  // namespace gopsy::render
