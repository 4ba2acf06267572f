#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/traceback.h"

namespace gopsy::decode::traceback {

// One function per kind of line. Each takes a line without its newline and yields the parts as views
// into it, or nothing if the line is of another kind. No state: what may follow what is reader.cc's.

/// `goroutine 7 gp=0xc… m=nil [chan receive, 5 minutes, locked to thread] {tenant: "x"}:`
struct GoroutineHeader {
  std::uint64_t id = 0;
  std::string_view state;  ///< "chan receive"
  std::uint32_t minutes = 0;
  bool locked = false;
  bool leaked = false;
  bool durable = false;
  bool scanned = false;
  bool has_gp = false;  ///< Go 1.22 and later
  std::uint64_t gp = 0;
  std::int64_t thread = -1;         ///< m=N
  std::uint64_t bubble = 0;         ///< "synctest bubble N", "synctest group N"
  bool labels_in_brackets = false;  ///< ` labels:{…}` of Go 1.26
  std::string_view labels;          ///< between the braces, empty for none
};
std::optional<GoroutineHeader> goroutine_header(std::string_view line);

/// The `key: value` pairs between the braces of a header; quoted parts are unquoted.
struct LabelPair {
  std::string key;
  std::string value;
};
std::vector<LabelPair> label_pairs(std::string_view labels);

/// `main.(*T).M(0x1, {0x2, 0x3}, ...)`: the function and what stands between the last parentheses.
struct FunctionLine {
  std::string_view function;
  std::string_view args;
};
std::optional<FunctionLine> function_line(std::string_view line);

/// `⇥/src/main.go:42 +0x1d fp=0x… sp=0x… pc=0x…`. A path may hold blanks, colons and drive letters.
struct FileLine {
  std::string_view file;
  std::uint32_t line = 0;
  std::uint64_t pc_offset = 0;
  std::uint64_t fp = 0;
  std::uint64_t sp = 0;
  std::uint64_t pc = 0;
};
std::optional<FileLine> file_line(std::string_view line);

/// The same where the blanks at its front were trimmed: only what names a source file is taken for one.
std::optional<FileLine> trimmed_file_line(std::string_view line);

/// The same without what indents it: `/src/main.go:42 +0x1d`.
std::optional<FileLine> place_of_frame(std::string_view text);

/// `created by main.main in goroutine 1`; the goroutine is 0 where it is not said.
struct CreatedBy {
  std::string_view function;
  std::uint64_t goroutine = 0;
};
std::optional<CreatedBy> created_by(std::string_view line);

/// `...additional frames elided...` or `...31 frames elided...`; kElidedUnknown for the first form.
std::optional<std::uint64_t> elided(std::string_view line);

/// The goroutine of `[originating from goroutine 19]:`
std::optional<std::uint64_t> ancestor_header(std::string_view line);

/// What follows "panic: " on a line of a panic chain, its marks taken off.
struct PanicLine {
  std::string_view text;
  bool recovered = false;
  bool repanicked = false;
};
PanicLine panic_line(std::string_view after_prefix);

/// `[signal SIGSEGV: segmentation violation code=0x1 addr=0x8 pc=0x4a8400]`
std::optional<model::Signal> signal_line(std::string_view line, std::string_view& name);

/// `SIGQUIT: quit` and the like: a word of capitals that starts with SIG, then its description.
bool is_signal_name(std::string_view line);

/// `Exception 0xc0000005 0x1 0x10 0x4a8400`: Windows prints code, kind of access, address, pc.
std::optional<model::Signal> windows_exception(std::string_view line, std::string_view& name);

/// `PC=0x46ae21 m=0 sigcode=128 addr=0x0`; Windows prints the PC only.
struct SignalHeader {
  std::uint64_t pc = 0;
  std::int64_t thread = -1;
  std::int64_t code = 0;
  std::optional<std::uint64_t> address;
};
std::optional<SignalHeader> signal_header(std::string_view line);

/// Registers of the trailer: `rip    0x46ae21`; some architectures print two in a line. Empty if it is another line.
struct RegisterWord {
  std::string_view name;
  std::uint64_t value = 0;
};
std::vector<RegisterWord> register_line(std::string_view line);

/// What the runtime, runtime/cgo or libc print before the header of a crash.
bool is_lead(std::string_view line);

/// Lines of the runtime's own unwinder trouble: `runtime: g 0 gp=…: unknown pc …`, `stack: frame={…`, and the
/// hexadecimal words under them.
bool is_unwind_noise(std::string_view line);

/// What a reader of the log must see though it is no traceback: `exit status 2`, `signal: killed`,
/// `http: panic serving …`, settings of the runtime.
bool is_notice(std::string_view line);

}  // namespace gopsy::decode::traceback
