#include "process/core_notes.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "binary/notes.h"

namespace gopsy::process {
namespace {

using binary::Note;
using binary::Reader;

std::string_view until_zero(std::string_view bytes) { return bytes.substr(0, bytes.find('\0')); }

bool read_prstatus(std::string_view bytes, const RegisterLayout& layout, CoreNotes& notes) {
  const Reader reader(bytes, /*big_endian=*/false);
  const auto pid = reader.get<std::uint32_t>(kPrstatusPid);
  const auto registers = read_registers(layout, reader.slice(kPrstatusRegisters, bytes.size()));
  if (!pid || !registers.known()) return false;
  // The thread that died comes first; a snapshot of a process that lives on has no signal.
  if (const int number = reader.get<std::uint16_t>(kPrstatusCursig).value_or(0);
      number != 0 && notes.threads.empty() && !notes.signal)
    notes.signal = Signal{.number = number};
  notes.threads.push_back({.tid = *pid, .host_tid = *pid, .registers = registers});
  return true;
}

bool read_prpsinfo(std::string_view bytes, CoreNotes& notes) {
  const Reader reader(bytes, /*big_endian=*/false);
  if (bytes.size() < kPrpsinfoSize) return false;
  notes.pid = reader.get<std::uint32_t>(kPrpsinfoPid).value_or(0);
  notes.program = until_zero(reader.slice(kPrpsinfoName, kPrpsinfoNameSize));
  for (const auto word : split(until_zero(reader.slice(kPrpsinfoArguments, kPrpsinfoArgumentsSize)), ' '))
    if (!word.empty()) notes.arguments.emplace_back(word);
  return true;
}

bool read_siginfo(std::string_view bytes, CoreNotes& notes) {
  const Reader reader(bytes, /*big_endian=*/false);
  const auto number = reader.get<std::uint32_t>(0);
  const auto code = reader.get<std::uint32_t>(8);
  const auto address = reader.get<std::uint64_t>(16);
  if (!number || !code || !address) return false;
  if (*number == 0) return true;
  Signal signal{.number = static_cast<int>(*number), .code = static_cast<int>(*code)};
  // Of signals that somebody sent, the pid of the sender stands in its place.
  constexpr std::array kWithAddress{4, 5, 7, 8, 11};
  if (std::ranges::find(kWithAddress, signal.number) != kWithAddress.end() && signal.code > 0)
    signal.address = *address;
  notes.signal = signal;
  return true;
}

bool read_files(std::string_view bytes, CoreNotes& notes) {
  const Reader reader(bytes, /*big_endian=*/false);
  const auto count = reader.get<std::uint64_t>(0);
  const auto page = reader.get<std::uint64_t>(8);
  constexpr std::uint64_t kHeader = 16;
  constexpr std::uint64_t kRow = 24;
  if (!count || !page || *count > (bytes.size() - kHeader) / kRow) return false;
  std::string_view names = reader.slice(kHeader + *count * kRow, bytes.size());
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto at = [&](std::uint64_t index) {
      return reader.get<std::uint64_t>(kHeader + i * kRow + index * 8).value_or(0);
    };
    const auto name = consume_until(names, std::string_view("\0", 1));
    if (!name) return false;
    if (at(0) < at(1)) notes.files.push_back({at(0), at(1), at(2) * *page, std::string(*name)});
  }
  return true;
}

bool read_untouched(std::string_view bytes, CoreNotes& notes) {
  const Reader reader(bytes, /*big_endian=*/false);
  notes.snapshot = true;
  const auto count = reader.get<std::uint64_t>(0);
  if (!count || *count > (bytes.size() - 8) / 16) return false;
  for (std::uint64_t at = 8; at < 8 + *count * 16; at += 16) {
    const Untouched one{.start = reader.get<std::uint64_t>(at).value_or(0),
                        .end = reader.get<std::uint64_t>(at + 8).value_or(0)};
    if (one.start < one.end) notes.untouched.push_back(one);
  }
  return true;
}

bool read_note(const Note& note, const RegisterLayout& layout, CoreNotes& notes) {
  if (note.owner == kSnapshotOwner && note.type == kNoteSnapshot) return read_untouched(note.content, notes);
  if (note.owner != "CORE") return true;
  switch (note.type) {
    case kNotePrstatus: return read_prstatus(note.content, layout, notes);
    case kNotePrpsinfo: return read_prpsinfo(note.content, notes);
    case kNoteSiginfo: return read_siginfo(note.content, notes);
    case kNoteAuxv: notes.auxv = read_auxv(note.content); return true;
    case kNoteFile: return read_files(note.content, notes);
    default: return true;
  }
}

}  // namespace

AuxiliaryVector read_auxv(std::string_view bytes) {
  const Reader reader(bytes, /*big_endian=*/false);
  AuxiliaryVector auxv;
  for (std::uint64_t at = 0;; at += 16) {
    const auto key = reader.get<std::uint64_t>(at);
    const auto value = reader.get<std::uint64_t>(at + 8);
    if (!key || !value || *key == 0) return auxv;
    switch (*key) {
      case kAuxPhdr: auxv.phdr = *value; break;
      case kAuxPhnum: auxv.phnum = *value; break;
      case kAuxEntry: auxv.entry = *value; break;
      case kAuxExecfn: auxv.execfn = *value; break;
      default: break;
    }
  }
}

void read_core_notes(std::string_view area, const RegisterLayout& layout, CoreNotes& notes) {
  binary::NoteReader reader(area, /*big_endian=*/false);
  for (Note note; reader.next(note);)
    if (!read_note(note, layout, notes) || !note.complete) ++notes.damaged;
  std::ranges::stable_sort(notes.files, {}, &FileMapping::start);
}

}  // namespace gopsy::process
