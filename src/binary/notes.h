#pragma once

#include <cstdint>
#include <string_view>

#include "binary/reader.h"

namespace gopsy::binary {

/// One record of an ELF note area.
struct Note {
  std::string_view owner;  ///< "CORE", "GNU", "Go"
  std::uint32_t type = 0;
  std::string_view content;  ///< shorter than stated where the area is cut
  bool complete = true;
};

/// Walks the notes of a segment or section: a header of three numbers, a name and a description, both padded to four
/// bytes. Ends where the area does; a cut note is the last one and says so.
///
/// Source  System V ABI, chapter 5, "Note Section".
class NoteReader {
 public:
  NoteReader(std::string_view area, bool big_endian) : area_(area, big_endian) {}

  bool next(Note& note) {
    const auto name_size = area_.get<std::uint32_t>(at_);
    const auto size = area_.get<std::uint32_t>(at_ + 4);
    const auto type = area_.get<std::uint32_t>(at_ + 8);
    if (!name_size || !size || !type) return false;
    const std::uint64_t content = at_ + 12 + padded(*name_size);
    note.owner = area_.slice(at_ + 12, *name_size);
    while (note.owner.ends_with('\0')) note.owner.remove_suffix(1);
    note.type = *type;
    note.content = area_.slice(content, *size);
    note.complete = note.content.size() == *size;
    at_ = content + padded(*size);
    return true;
  }

 private:
  static std::uint64_t padded(std::uint64_t size) { return (size + 3) / 4 * 4; }

  Reader area_;
  std::uint64_t at_ = 0;  // grows by 12 at least, and by less than 2^34: no overflow
};

}  // namespace gopsy::binary
