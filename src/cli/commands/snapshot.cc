#include <array>
#include <optional>

#include "base/format.h"
#include "base/json_writer.h"
#include "base/stats.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/catalog.h"
#include "cli/terminal.h"
#include "process/snapshot.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{
    Flag{"--pid,-p", "PID", "the process, by its number or that of one of its threads"},
    Flag{"--output,-o", "FILE", "where to (default: PROGRAM.PID.core)"},
    Flag{"--pause", "", "hold the process still for the whole of the copy, not only for its registers"},
    Flag{"--json", "", "print the figures as one object"},
};

constexpr std::array kExamples{
    Example{"gopsy snapshot -p 4242", "server.4242.core, of a server that runs on"},
    Example{"gopsy snapshot -p 4242 -o s.core && dlv core ./server s.core", "look at it with Delve"},
    Example{"gopsy snapshot -p 4242 --pause -o s.core", "all of one instant"},
    Example{"kubectl debug -it POD --image=IMAGE --target=CONTAINER --profile=sysadmin -- gopsy snapshot -p 1",
            "a container that has no shell"},
};

using process::SnapshotReport;

std::string name_of(const SnapshotReport& report) {
  return fmt::format("process {} ({})", report.pid, printable(report.program));
}

std::string text_of(const SnapshotReport& report, const std::string& path, bool paused) {
  std::string out = fmt::format("{}: {} on disk ({} long), of {} with {} resident and {}\n", path,
                                human_bytes(report.disk_bytes), human_bytes(report.file_bytes), name_of(report),
                                human_bytes(report.resident_bytes), counted(report.threads, "thread"));
  const std::string stopped = human_duration(report.stopped.count());
  const std::string took = human_duration(report.took.count());
  out += paused ? fmt::format("It stood still for {}, for all of the copy.\n", stopped)
                : fmt::format(
                      "It stood still for {}, for its registers; its memory was copied in {} while it ran on, so what "
                      "changed in that time may be there in parts (--pause avoids it).\n",
                      stopped, took);
  if (report.threads_running != 0)
    out += fmt::format("{} did not stop within a second and {} without registers.\n",
                       counted(report.threads_running, "thread"), report.threads_running == 1 ? "is" : "are");
  if (report.unread_bytes != 0)
    out += fmt::format("{} could not be read (unmapped meanwhile, or memory of a device) and are zeros.\n",
                       human_bytes(report.unread_bytes));
  if (report.unknown_mappings != 0)
    out += "Which pages are in use could not be looked up (/proc/PID/pagemap), so all were read.\n";
  return out;
}

std::string json_of(const SnapshotReport& report, const std::string& path, bool paused) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("file", std::string_view(path));
  json.member("pid", report.pid);
  json.member("program", std::string_view(report.program));
  json.member("paused", paused);
  json.member("threads", report.threads);
  json.member("threads_not_stopped", report.threads_running);
  json.member("stopped_ns", std::int64_t{report.stopped.count()});
  json.member("took_ns", std::int64_t{report.took.count()});
  json.member("cpu_seconds", static_cast<double>(process_cpu_ns()) / 1e9);
  json.member("resident_bytes", report.resident_bytes);
  json.member("touched_bytes", report.touched_bytes);
  json.member("zero_bytes", report.zero_bytes);
  json.member("unread_bytes", report.unread_bytes);
  json.member("file_bytes", report.file_bytes);
  json.member("disk_bytes", report.disk_bytes);
  json.member("segments", report.segments);
  json.member("mappings_without_page_map", report.unknown_mappings);
  json.end_object();
  return out + '\n';
}

std::optional<std::uint32_t> pid_of(const Invocation& invocation) {
  const bool twice = invocation.has("pid") && !invocation.operands.empty();
  if (twice || invocation.operands.size() > 1) {
    print_error("a snapshot is of one process: gopsy snapshot -p PID");
    return std::nullopt;
  }
  if (!invocation.has("pid") && invocation.operands.empty()) {
    print_error("which process? gopsy snapshot -p PID");
    return std::nullopt;
  }
  const std::string text = invocation.has("pid") ? invocation.get("pid") : invocation.operands.front();
  const auto number = parse_decimal(text);
  if (!number || *number == 0 || *number > INT32_MAX) {
    print_error(fmt::format("{} is not the number of a process", text));
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*number);
}

int run(const Invocation& invocation) {
  const auto pid = pid_of(invocation);
  if (!pid) return kUsage;
  const bool paused = invocation.has("pause");
  std::string path = invocation.get("output");
  const auto report = process::write_snapshot(*pid, path, {.pause = paused});
  if (!report) {
    print_error(report.error().message);
    return kUsage;
  }
  return write_output("-", invocation.has("json") ? json_of(*report, path, paused) : text_of(*report, path, paused))
             ? kDone
             : kUsage;
}

}  // namespace

constinit const Command kSnapshot{
    .name = "snapshot",
    .summary = "write a small core of a process that lives on",
    .operands = "[PID]",
    .description =
        "Writes an ELF core with the pages that the process has touched, the registers of its threads, and the notes "
        "that "
        "the kernel writes: gopsy, Delve and gdb read it. Untouched pages and pages of zeros take no room. The process "
        "stands still while its registers are read, far below a millisecond a thread, and runs on while its memory is "
        "copied; "
        "--pause holds it for the copy, too. The file is readable by its owner only: it holds every secret that the "
        "process has.",
    .flags = kFlags,
    .examples = kExamples,
    .run = run,
};

}  // namespace gopsy::cli
