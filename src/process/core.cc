#include "process/core.h"

#include <algorithm>

#include "base/format.h"
#include "base/units.h"
#include "binary/elf.h"
#include "io/file.h"
#include "io/inflate.h"
#include "process/core_notes.h"
#include "process/pieces.h"

namespace gopsy::process {
namespace {

std::unexpected<Refusal> refuse(Errc code, std::string message) {
  return std::unexpected(Refusal{.code = code, .message = std::move(message)});
}

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

Opened<const RegisterLayout*> check_core(const binary::Elf& elf) {
  if (!elf.is_core())
    return refuse(Errc::Usage, "it is a program, not a core: give it with --exe, and the core before it");
  if (!elf.is_64() || elf.file().big_endian())
    return refuse(Errc::Unsupported,
                  "it is the core of a 32-bit or big-endian process; cores of amd64 and arm64 are read");
  const RegisterLayout* const layout = register_layout(elf.machine());
  if (layout == nullptr)
    return refuse(Errc::Unsupported, "it is the core of another machine; cores of amd64 and arm64 are read");
  return layout;
}

// The bytes of each segment, as far as the file has them.
std::vector<Stretch> stretches_of(const binary::Elf& elf, Coverage& coverage) {
  std::vector<Stretch> stretches;
  for (const auto& segment : elf.segments()) {
    ++coverage.segments;
    coverage.mapped_bytes = saturating_add(coverage.mapped_bytes, segment.memory_size);
    const std::uint64_t promised = std::min(segment.file_size, segment.memory_size);
    const std::string_view there = elf.file().slice(segment.offset, promised);
    coverage.dumped_bytes += there.size();
    coverage.missing_bytes = saturating_add(coverage.missing_bytes, promised - there.size());
    if (!there.empty()) stretches.push_back({.start = segment.address, .size = there.size(), .bytes = there.data()});
  }
  return stretches;
}

// Segments as mappings: neighbours of one kind, into which a snapshot cuts what was one mapping, are put together
// again.
std::vector<Mapping> mappings_of(const binary::Elf& elf, const CoreNotes& notes) {
  std::vector<Mapping> mappings;
  for (const auto& segment : elf.segments()) {
    if (segment.memory_size == 0 || segment.address > UINT64_MAX - segment.memory_size) continue;
    mappings.push_back({.start = segment.address,
                        .end = segment.address + segment.memory_size,
                        .readable = segment.readable,
                        .writable = segment.writable,
                        .executable = segment.executable});
  }
  for (const auto& file : notes.files) mappings.push_back({.start = file.start, .end = file.end, .readable = true});
  // Of equal starts the segment comes first: only it knows what was allowed there.
  std::ranges::stable_sort(mappings, {}, &Mapping::start);
  std::vector<Mapping> disjoint;
  auto file = notes.files.begin();
  for (Mapping& each : mappings) {
    if (!disjoint.empty()) each.start = std::max(each.start, disjoint.back().end);
    if (each.start >= each.end) continue;
    while (file != notes.files.end() && file->end <= each.start) ++file;
    if (file != notes.files.end() && file->start <= each.start) {
      each.file = file->path;
      each.file_offset = file->offset + (each.start - file->start);
    }
    Mapping* const last = disjoint.empty() ? nullptr : &disjoint.back();
    const bool one = last != nullptr && notes.snapshot && last->end == each.start && last->file == each.file &&
                     last->readable == each.readable && last->writable == each.writable &&
                     last->executable == each.executable;
    if (one) {
      last->end = each.end;
    } else {
      disjoint.push_back(std::move(each));
    }
  }
  return disjoint;
}

void say_what_is_missing(const Coverage& coverage, const CoreNotes& notes, std::vector<std::string>& notices) {
  if (coverage.missing_bytes != 0) {
    notices.push_back(
        fmt::format("the core is cut off: {} of {} are there. What limits it: `ulimit -c` of the process, a full disk, "
                    "systemd-coredump's ProcessSizeMax and ExternalSizeMax, or a copy that did not end",
                    human_bytes(coverage.dumped_bytes),
                    human_bytes(saturating_add(coverage.dumped_bytes, coverage.missing_bytes))));
  }
  if (coverage.refused_segments != 0)
    notices.push_back(fmt::format("{} of the core lie outside of any address space or on top of others",
                                  counted(coverage.refused_segments, "segment")));
  if (notes.damaged != 0)
    notices.push_back(fmt::format("of the core {} cut or damaged", counted(notes.damaged, "note is", "notes are")));
  if (notes.threads.empty()) notices.emplace_back("the core has no registers of any thread");
}

Opened<Image> read_bytes(std::string_view bytes, io::Bytes owned, const CoreOptions& options) {
  const auto elf = binary::Elf::open(bytes);
  if (!elf) return refuse(elf.error().code, message(elf.error()));
  const auto layout = check_core(*elf);
  if (!layout) return std::unexpected(layout.error());

  CoreNotes notes;
  for (const auto& segment : elf->note_segments())
    read_core_notes(elf->file().slice(segment.offset, segment.file_size), **layout, notes);

  Image image{.layout = *layout};
  Coverage coverage;
  auto memory = std::make_unique<FileMemory>(mappings_of(*elf, notes), std::move(owned));
  coverage.refused_segments = memory->stretches.lay(stretches_of(*elf, coverage));
  std::vector<Stretch> zeros;
  for (const Untouched& each : notes.untouched) zeros.push_back({.start = each.start, .size = each.end - each.start});
  memory->stretches.lay(std::move(zeros));
  say_what_is_missing(coverage, notes, image.notices);

  const Wanted wanted = wanted_executable(*memory, notes.auxv);
  auto executable = find_executable(wanted, elf->machine(), options.executable, image.notices);
  if (!executable) return std::unexpected(executable.error());
  image.executable = std::move(*executable);
  memory->stretches.lay(read_only_parts(image.executable));

  image.memory = std::move(memory);
  image.threads = std::move(notes.threads);
  image.signal = notes.signal;
  image.pid = notes.pid != 0 || image.threads.empty() ? notes.pid : image.threads.front().tid;
  image.program = std::move(notes.program);
  image.arguments = std::move(notes.arguments);
  image.entry = notes.auxv.entry;
  image.coverage = coverage;
  return image;
}

}  // namespace

Opened<Image> read_core(std::string_view bytes, const CoreOptions& options) { return read_bytes(bytes, {}, options); }

Opened<Image> open_core(const std::string& path, const CoreOptions& options) {
  auto bytes = io::read_whole(path, options.max_bytes);
  if (!bytes) return refuse(bytes.error().code, errno_text(static_cast<int>(bytes.error().a)));
  CoreOptions beside = options;
  if (beside.executable.beside.empty()) beside.executable.beside = path;
  bool torn = false;
  if (io::sniff_codec(bytes->view()) != io::Codec::None) {
    auto inflated = io::inflate(bytes->view(), options.max_bytes, io::Place::TemporaryFile);
    if (!inflated) return refuse(inflated.error().code, message(inflated.error()));
    torn = inflated->truncated;
    *bytes = std::move(inflated->bytes);
  }
  const std::string_view view = bytes->view();
  auto image = read_bytes(view, std::move(*bytes), beside);
  if (image && torn)
    image->notices.emplace_back("the compressed core is cut off or damaged: what came out before is there");
  return image;
}

}  // namespace gopsy::process
