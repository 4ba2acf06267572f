#include "process/snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "process/core_writer.h"
#include "process/live.h"
#include "process/pause.h"
#include "process/proc.h"
#include "process/resident.h"

namespace gopsy::process {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBuffer = std::size_t{4} << 20;
constexpr std::uint64_t kStackTop = std::uint64_t{32} << 10;

std::uint64_t page_size() {
  static const auto size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

std::unexpected<Refusal> refuse(int error_number, const std::string& what) {
  return std::unexpected(Refusal{.code = Errc::Io, .message = fmt::format("{}: {}", what, errno_text(error_number))});
}

/// A file that takes its name when it is whole, and goes away when it does not become so.
class Output {
 public:
  explicit Output(std::string path) : path_(std::move(path)), partial_(path_ + ".partial") {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    if (fd_ < 0) return;
    ::close(fd_);
    if (!kept_) ::unlink(partial_.c_str());
  }

  /// errno, or 0.
  int open() {
    ::unlink(partial_.c_str());
    fd_ = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    return fd_ < 0 ? errno : 0;
  }
  int write(std::string_view bytes, std::uint64_t offset) const {
    while (!bytes.empty()) {
      const ssize_t written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return written < 0 ? errno : EIO;
      bytes.remove_prefix(static_cast<std::size_t>(written));
      offset += static_cast<std::uint64_t>(written);
    }
    return 0;
  }
  int finish(std::uint64_t size, std::uint64_t& disk_bytes) {
    struct stat status{};
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0 || ::fstat(fd_, &status) != 0) return errno;
    constexpr std::uint64_t kBlock = 512;
    disk_bytes = static_cast<std::uint64_t>(status.st_blocks) * kBlock;
    if (::rename(partial_.c_str(), path_.c_str()) != 0) return errno;
    kept_ = true;
    return 0;
  }
  /// Bytes that the file system has left for us.
  [[nodiscard]] std::uint64_t room() const {
    struct statvfs status{};
    return ::fstatvfs(fd_, &status) == 0 ? status.f_bavail * status.f_frsize : UINT64_MAX;
  }

 private:
  std::string path_;
  std::string partial_;
  int fd_ = -1;
  bool kept_ = false;
};

/// The page map of a process; nothing where it may not be read.
class PagemapFile {
 public:
  explicit PagemapFile(std::uint32_t pid)
      : fd_(::open(fmt::format("/proc/{}/pagemap", pid).c_str(), O_RDONLY | O_CLOEXEC)) {}
  PagemapFile(const PagemapFile&) = delete;
  PagemapFile& operator=(const PagemapFile&) = delete;
  ~PagemapFile() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] std::vector<Page> pages(std::uint64_t start, std::uint64_t end) const {
    std::vector<std::uint64_t> entries((end - start) / page_size());
    const std::size_t size = entries.size() * sizeof(std::uint64_t);
    const ssize_t got = fd_ < 0 ? -1 : ::pread(fd_, entries.data(), size, static_cast<off_t>(start / page_size() * 8));
    std::vector<Page> pages;
    if (got < 0 || static_cast<std::size_t>(got) != size) return pages;
    pages.reserve(entries.size());
    for (const std::uint64_t entry : entries) pages.push_back(page_of(entry));
    return pages;
  }

 private:
  int fd_;
};

/// The upper end of a stack, as it was when the registers were.
struct StackTop {
  std::uint64_t address = 0;
  std::string bytes;
};

/// What is read while the process stands still.
struct Still {
  std::vector<Pause::Held> threads;
  std::vector<StackTop> stacks;
  std::size_t running = 0;
};

Still read_still(const Pause& pause, const Memory& memory) {
  Still still{.threads = pause.held(), .stacks = {}, .running = pause.running()};
  std::vector<Memory::Request> requests;
  for (const auto& held : still.threads)
    still.stacks.push_back({.address = held.thread.registers.sp(), .bytes = std::string(kStackTop, '\0')});
  for (StackTop& stack : still.stacks) requests.push_back({.address = stack.address, .into = stack.bytes});
  memory.read_many(requests);
  for (std::size_t i = 0; i < requests.size(); ++i) still.stacks[i].bytes.resize(requests[i].got);
  return still;
}

ProcessFacts facts_of(std::uint32_t pid) {
  const ProcStatus status = parse_status(read_proc(pid, "status"));
  const std::string stat = read_proc(pid, "stat");
  const auto field = [&](std::size_t number) {
    return static_cast<std::uint32_t>(stat_field(stat, number).value_or(0));
  };
  ProcessFacts facts{.pid = status.inner_pid == 0 ? pid : status.inner_pid,
                     .parent = field(4),
                     .group = field(5),
                     .session = field(6),
                     .uid = status.uid,
                     .gid = status.gid,
                     .state = status.state,
                     .nice = field(19),
                     .flags = field(9),
                     .name = status.name,
                     .arguments = read_proc(pid, "cmdline")};
  std::ranges::replace(facts.arguments, '\0', ' ');
  return facts;
}

// The notes that the kernel writes, in its order.
std::string notes_of(const Image& image, const std::vector<ProcMapping>& maps, const Still& still,
                     const SnapshotPlan& plan) {
  const ProcessFacts facts = facts_of(image.pid);
  std::string notes;
  for (std::size_t i = 0; i < std::max<std::size_t>(still.threads.size(), 1); ++i) {
    if (i < still.threads.size()) {
      const Thread& thread = still.threads[i].thread;
      notes += core_note("CORE", kNotePrstatus, prstatus(*image.layout, facts, thread.tid, thread.registers));
    }
    if (i == 0) {
      notes += core_note("CORE", kNotePrpsinfo, prpsinfo(facts));
      notes += core_note("CORE", kNoteSiginfo, std::string(kSiginfoSize, '\0'));
      notes += core_note("CORE", kNoteAuxv, read_proc(image.pid, "auxv"));
      notes += core_note("CORE", kNoteFile, mapped_files(maps));
      notes += core_note(kSnapshotOwner, kNoteSnapshot, snapshot_note(plan.untouched));
    }
    if (i >= still.threads.size()) break;
    const auto& [thread, floating, extended] = still.threads[i];
    if (!floating.empty()) notes += core_note("CORE", kNoteFpregset, floating);
    if (!extended.empty()) notes += core_note("LINUX", kNoteX86Xstate, extended);
  }
  return notes;
}

/// Copies runs of a process into their places of the file.
class Copier {
 public:
  Copier(const Memory& memory, const std::vector<CorePart>& parts, const Output& output, SnapshotReport& report)
      : memory_(memory), parts_(parts), output_(output), report_(report), buffer_(kBuffer, '\0') {}

  int copy(const std::vector<Run>& runs) {
    for (const Run& run : runs) {
      for (std::uint64_t at = run.start; at < run.end;) {
        const std::uint64_t size = std::min(run.end - at, kBuffer - used_);
        requests_.push_back({.address = at, .into = std::span(buffer_).subspan(used_, size)});
        used_ += size;
        at += size;
        constexpr std::size_t kMostRequests = 1024;
        if (used_ < kBuffer && requests_.size() < kMostRequests) continue;
        if (const int failed = flush(); failed != 0) return failed;
      }
    }
    return flush();
  }

  /// What was read earlier, over what was copied since.
  int put(const StackTop& stack) const {
    for (std::uint64_t done = 0; done < stack.bytes.size();) {
      const CorePart* const part = part_of(stack.address + done);
      if (part == nullptr) return 0;
      const std::uint64_t into = stack.address + done - part->start;
      if (into >= part->file_size) return 0;
      const std::uint64_t size = std::min(stack.bytes.size() - done, part->file_size - into);
      if (const int failed = output_.write(std::string_view(stack.bytes).substr(done, size), part->offset + into);
          failed != 0)
        return failed;
      done += size;
    }
    return 0;
  }

 private:
  [[nodiscard]] const CorePart* part_of(std::uint64_t address) const {
    const auto after = std::ranges::upper_bound(parts_, address, {}, &CorePart::start);
    if (after == parts_.begin() || address - (after - 1)->start >= (after - 1)->memory_size) return nullptr;
    return &*(after - 1);
  }

  int flush() {
    memory_.read_many(requests_);
    for (const Memory::Request& request : requests_) {
      read_on(request);
      if (const int failed = write(request); failed != 0) return failed;
    }
    requests_.clear();
    used_ = 0;
    return 0;
  }

  // A page that went away ends a piece; what stands behind it is tried page by page.
  void read_on(const Memory::Request& request) {
    for (std::size_t at = request.got / page_ * page_; at < request.into.size(); at += page_) {
      const auto page = request.into.subspan(at, page_);
      if (memory_.read(request.address + at, page) == page_) continue;
      std::ranges::fill(page, '\0');
      report_.unread_bytes += page_;
    }
  }

  // All but the pages that hold nothing but zeros.
  int write(const Memory::Request& request) {
    const std::string_view bytes(request.into.data(), request.into.size());
    const CorePart& part = *part_of(request.address);
    const std::uint64_t offset = part.offset + (request.address - part.start);
    const auto is_zero = [&](std::size_t at) {
      return bytes[at] == 0 && std::memcmp(bytes.data() + at, bytes.data() + at + 1, page_ - 1) == 0;
    };
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t from = at;
      const bool zero = is_zero(at);
      while (at < bytes.size() && is_zero(at) == zero) at += page_;
      if (zero) report_.zero_bytes += at - from;
      if (zero) continue;
      if (const int failed = output_.write(bytes.substr(from, at - from), offset + from); failed != 0) return failed;
    }
    return 0;
  }

  const Memory& memory_;
  const std::vector<CorePart>& parts_;
  const Output& output_;
  SnapshotReport& report_;
  const std::size_t page_ = page_size();
  std::string buffer_;
  std::size_t used_ = 0;
  std::vector<Memory::Request> requests_;
};

SnapshotPlan plan_of(const Image& image, const std::vector<ProcMapping>& maps) {
  const PagemapFile pagemap(image.pid);
  const auto is_elf_header = [&](std::uint64_t address) {
    std::array<char, 4> magic{};
    return image.memory->read(address, magic) == magic.size() && binary::Elf::is_elf({magic.data(), magic.size()});
  };
  return plan_snapshot(
      maps, page_size(), [&](std::uint64_t start, std::uint64_t end) { return pagemap.pages(start, end); },
      is_elf_header);
}

std::uint64_t resident_of(std::uint32_t pid) {
  const std::string text = read_proc(pid, "statm");
  std::string_view rest = text;
  consume_until(rest, " ");
  return consume_decimal(rest).value_or(0) * page_size();
}

Opened<SnapshotReport> write(const Image& image, const std::string& path, Pause& pause, const Still& still) {
  const Identity identity = Identity::of(image.pid);
  const auto began = Clock::now();
  SnapshotReport report{.pid = image.pid,
                        .program = image.program,
                        .threads = still.threads.size(),
                        .threads_running = still.running,
                        .resident_bytes = resident_of(image.pid)};
  const auto maps = parse_maps(read_proc(image.pid, "maps"));
  SnapshotPlan plan = plan_of(image, maps);
  const std::string header = core_header(*image.layout, notes_of(image, maps, still, plan), plan.parts);
  report.segments = plan.parts.size();
  report.touched_bytes = plan.resident_bytes;
  report.unknown_mappings = plan.unknown_mappings;
  report.file_bytes = core_size(header, plan.parts);

  Output output(path);
  if (const int failed = output.open(); failed != 0) return refuse(failed, path);
  if (const std::uint64_t room = output.room(); plan.unknown_mappings == 0 && room < plan.resident_bytes) {
    return refuse(ENOSPC, fmt::format("{}: {} are wanted, {} are free", path, human_bytes(plan.resident_bytes),
                                      human_bytes(room)));
  }
  Copier copier(*image.memory, plan.parts, output, report);
  int failed = output.write(header, 0);
  if (failed == 0) failed = copier.copy(plan.runs);
  for (std::size_t i = 0; failed == 0 && i < still.stacks.size(); ++i) failed = copier.put(still.stacks[i]);
  if (!identity.alive() && report.unread_bytes != 0)
    return refuse(ESRCH, fmt::format("process {} ended while it was copied", image.pid));
  pause.release();
  if (failed == 0) failed = output.finish(report.file_bytes, report.disk_bytes);
  if (failed != 0) return refuse(failed, path);
  report.took = Clock::now() - began;
  return report;
}

}  // namespace

Opened<SnapshotReport> write_snapshot(std::uint32_t pid, std::string& path, const SnapshotOptions& options) {
  auto image = open_live(pid, {});
  if (!image) return std::unexpected(image.error());
  if (path.empty()) {
    std::string name = printable(image->program);
    std::ranges::replace(name, '/', '_');
    path = fmt::format("{}.{}.core", name, image->pid);
  }
  auto pause = Pause::of(image->pid, *image->layout);
  if (!pause) return std::unexpected(pause.error());
  const Still still = read_still(**pause, *image->memory);
  if (!options.pause) (*pause)->release();
  auto report = write(*image, path, **pause, still);
  if (report) report->stopped = (*pause)->stood_still();
  return report;
}

}  // namespace gopsy::process
