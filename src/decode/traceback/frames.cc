#include <algorithm>

#include "base/text.h"
#include "decode/traceback/reader.h"
#include "decode/traceback/version_marks.h"
#include "decode/version_marks.h"

// The lines of one goroutine. A dump consists of little else, so the common ones are looked for first.

namespace gopsy::decode::traceback {
namespace {

constexpr std::size_t kShortArguments = 8;  // "...", "0x1": few different ones, worth a lookup

std::uint32_t offset_of(const FileLine& place) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(place.pc_offset, UINT32_MAX));
}

}  // namespace

bool Reader::frame_line(std::string_view text) {
  if (text[0] == '\t' || text[0] == ' ') return known_place(text);
  if (text.back() == ')' && function_text(text)) return true;
  return text[0] == 'c' && creator_line(text);
}

bool Reader::known_place(std::string_view text) {
  if (pending_ != Pending::Function && pending_ != Pending::Creator) return false;
  KnownFrame* const known = known_.find(pending_name(), text);
  if (known == nullptr) return false;
  if (pending_ == Pending::Creator) {
    place_creator(known->file, known->line);
    return true;
  }
  const std::string_view args = pending_args();
  if (args != known->args_text) {
    known->args = keep_arguments(args);
    known->args_text = symbols_.text(known->args);
  }
  push_frame({.function = known->function,
              .args = known->args,
              .file = known->file,
              .line = known->line,
              .pc_offset = known->pc_offset,
              .log_line = pending_number_,
              .inlined = args == "..."});
  pending_ = Pending::Nothing;
  return true;
}

bool Reader::goroutine_content(std::string_view text) {
  if (place_line(text)) return true;
  if (trim(text) == "goroutine running on other thread; stack unavailable") return goroutine().other_thread = true;
  if (is_unwind_noise(text) || creator_line(text) || elided_line(text) || ancestor_line(text)) return true;
  if (text.starts_with("non-Go function at pc=")) {
    drop_pending();
    pend(Pending::Bare, "non-Go function", 15);
    add_frame({.pc = parse_hex(text.substr(22)).value_or(0)}, {});
    return true;
  }
  if (registers(text) || function_text(text)) return true;
  // Frames of C code have no argument list (printOneCgoTraceback); their file line ends in pc=.
  if (text.contains(' ') || text[0] == '\t') return false;
  drop_pending();
  pend(Pending::Bare, text, text.size());
  return true;
}

bool Reader::place_line(std::string_view text) {
  auto place = file_line(text);
  if (!place && (pending_ == Pending::Function || pending_ == Pending::Creator)) place = trimmed_file_line(text);
  if (!place) return false;
  if (pending_ == Pending::Nothing) {
    // The symbolizer of cgo prints whatever C++ calls a function: the file line with its pc shows what it was.
    if (place->pc == 0 || candidate_number_ == 0 || candidate_number_ + 1 != number_ || foreign_lines_ == 0)
      return false;
    --foreign_lines_;
    ++reading_.lines_in_tracebacks;
    pend(Pending::Bare, candidate_, candidate_.size());
    pending_number_ = candidate_number_;
  }
  note_version(reading_.go_version, pending_name(), place->file);
  if (pending_ != Pending::Creator) {
    add_frame(*place, text);
    return true;
  }
  const StringId file = symbols_.intern(place->file);
  const StringId function = symbols_.intern(pending_name());
  known_.add({.function_text = symbols_.text(function),
              .place_text = std::string(text),
              .function = function,
              .file = file,
              .line = place->line,
              .pc_offset = offset_of(*place)});
  place_creator(file, place->line);
  return true;
}

void Reader::place_creator(StringId file, std::uint32_t line) {
  pending_ = Pending::Nothing;
  if (in_ancestor_) {
    model::Ancestor& ancestor = current().ancestors.back();
    ancestor.created_file = file;
    ancestor.created_line = line;
  } else {
    goroutine().created_file = file;
    goroutine().created_line = line;
  }
}

bool Reader::creator_line(std::string_view text) {
  const auto created = created_by(text);
  if (!created) return false;
  drop_pending();
  const StringId function = symbols_.intern(created->function);
  if (in_ancestor_) {
    current().ancestors.back().created_by = function;
  } else {
    note_created_by(*created, reading_.go_version);
    goroutine().created_by = function;
    goroutine().creator = created->goroutine;
  }
  pend(Pending::Creator, created->function, created->function.size());
  return true;
}

bool Reader::elided_line(std::string_view text) {
  const auto count = elided(text);
  if (!count) return false;
  drop_pending();
  if (in_ancestor_) return current().ancestors.back().elided = true;
  if (*count == model::Goroutine::kElidedUnknown) {
    reading_.go_version.at_most(20, "\"...additional frames elided...\"");
  } else {
    reading_.go_version.at_least(21, "\"...N frames elided...\"");
  }
  goroutine().elided_frames = *count;
  goroutine().elided_after = static_cast<std::uint32_t>(current().frames.size()) - goroutine().first_frame;
  return true;
}

bool Reader::ancestor_line(std::string_view text) {
  const auto id = ancestor_header(text);
  if (!id) return false;
  drop_pending();
  end_ancestor();
  ++goroutine().ancestors;
  current().ancestors.push_back(
      {.id = *id, .first_frame = static_cast<std::uint32_t>(current().ancestor_frames.size()), .log_line = number_});
  return in_ancestor_ = true;
}

void Reader::end_ancestor() {
  if (!in_ancestor_) return;
  model::Ancestor& last = current().ancestors.back();
  last.frame_count = static_cast<std::uint32_t>(current().ancestor_frames.size()) - last.first_frame;
}

bool Reader::registers(std::string_view text) {
  const auto words = register_line(text);
  if (words.empty()) return false;
  model::Traceback& traceback = current();
  model::Signal* const signal = relay_ && !traceback.threads.empty() ? &traceback.threads.back().signal
                                : traceback.signal                   ? &*traceback.signal
                                                                     : nullptr;
  if (signal == nullptr) return true;
  if (signal->register_count == 0) signal->first_register = static_cast<std::uint32_t>(traceback.registers.size());
  for (const RegisterWord& word : words)
    traceback.registers.push_back({.name = symbols_.intern(word.name), .value = word.value});
  signal->register_count += static_cast<std::uint32_t>(words.size());
  return true;
}

bool Reader::function_text(std::string_view text) {
  const auto parts = function_line(text);
  if (!parts) return false;
  drop_pending();
  pend(Pending::Function, text, parts->function.size());
  return true;
}

void Reader::pend(Pending kind, std::string_view text, std::size_t name_bytes) {
  pending_ = kind;
  pending_text_.assign(text);
  name_bytes_ = name_bytes;
  pending_number_ = number_;
}

std::string_view Reader::pending_args() const {
  if (pending_ != Pending::Function) return {};
  return std::string_view(pending_text_).substr(name_bytes_ + 1, pending_text_.size() - name_bytes_ - 2);
}

// A million argument lists of a dump nearly all differ: looking for an equal one would cost more than it saves.
StringId Reader::keep_arguments(std::string_view args) {
  if (!seen_stale_ && args.contains('?')) {
    seen_stale_ = true;
    reading_.go_version.at_least(18, "a question mark behind arguments");
  }
  if (!seen_braces_ && args.contains('{')) {
    seen_braces_ = true;
    reading_.go_version.at_least(17, "braces around aggregate arguments");
  }
  return args.size() <= kShortArguments ? symbols_.intern(args) : symbols_.strings.append(args);
}

// The waiting function with its place; `place_line` is what it was read from, empty if there was none.
void Reader::add_frame(const FileLine& place, std::string_view place_line) {
  const std::string_view args = pending_args();
  note_function(pending_name(), args, reading_.go_version);
  model::TracebackFrame frame{.function = symbols_.intern(pending_name()),
                              .args = keep_arguments(args),
                              .file = symbols_.intern(place.file),
                              .line = place.line,
                              .pc_offset = offset_of(place),
                              .log_line = pending_number_,
                              .inlined = args == "..."};
  const bool has_pointers = place.pc != 0 || place.sp != 0 || place.fp != 0;
  if (has_pointers) {
    // "runtime stack:" has no header, and frames of C code have a pc in every version.
    if (place.sp != 0 && goroutine().id != 0) note_pointers(goroutine().gp != 0, reading_.go_version);
    current().pointers.push_back({.fp = place.fp, .sp = place.sp, .pc = place.pc});
    frame.pointers = static_cast<std::uint32_t>(current().pointers.size());
  } else if (pending_ == Pending::Function && !place_line.empty()) {
    known_.add({.function_text = symbols_.text(frame.function),
                .place_text = std::string(place_line),
                .function = frame.function,
                .file = frame.file,
                .line = frame.line,
                .pc_offset = frame.pc_offset,
                .args = frame.args,
                .args_text = symbols_.text(frame.args)});
  }
  push_frame(frame);
  pending_ = Pending::Nothing;
}

void Reader::push_frame(const model::TracebackFrame& frame) {
  model::Traceback& traceback = current();
  if (in_ancestor_) return traceback.ancestor_frames.push_back(frame);
  const model::Goroutine& last = traceback.goroutines.back();
  if (last.wait == model::WaitKind::Semacquire)
    note_wait(symbols_.text(last.state), symbols_.text(frame.function), reading_.go_version);
  traceback.frames.push_back(frame);
}

// A function line whose file line never came. Without an argument list it was a stray word, no frame.
void Reader::drop_pending() {
  if (pending_ == Pending::Bare) {
    ++current().bad_lines;
    ++reading_.lines_odd;
    --reading_.lines_in_tracebacks;
  } else if (pending_ == Pending::Function) {
    add_frame({}, {});
  }
  pending_ = Pending::Nothing;
}

}  // namespace gopsy::decode::traceback
