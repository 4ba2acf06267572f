#pragma once

#include <string>

#include "model/trace_path.h"
#include "render/trace/stack_words.h"

namespace gopsy::render {

/// What took the time of something, whoever did it: sums by place, and the path itself.
std::string critical_path_text(const model::TracePath& path, const TraceStackWords& words);
void add_critical_path_json(JsonWriter& json, const model::TracePath& path, const TraceStackWords& words);

/// The story of one task: its events, and what its goroutines did over its time.
std::string task_story_text(const model::TraceTaskStory& story, std::int64_t first_ns, const TraceStackWords& words);
void add_task_story_json(JsonWriter& json, const model::TraceTaskStory& story, const TraceStackWords& words);

/// The path as folded stacks, weights in ns: what it was doing at the leaf, then where.
std::string critical_path_folded(const model::TracePath& path, const TraceStackWords& words);

}  // namespace gopsy::render
