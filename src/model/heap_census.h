#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gopsy::model {

/// What a process had on its Go heap, counted by the runtime's own books.
///
/// Shape   an object is a slot of the allocator: its bytes are those of its size class, which are at most 1/8 more than
///         what was asked for. Objects that the collector has not swept yet count, as they do in runtime.MemStats.
struct HeapCensus {
  /// Slots of one size; class 0 has a span each.
  struct SizeClass {
    std::uint64_t object_bytes = 0;  ///< 0: large objects, a span each
    bool pointers = false;           ///< may hold pointers: the collector looks inside
    std::uint64_t spans = 0;
    std::uint64_t span_bytes = 0;
    std::uint64_t objects = 0;  ///< slots in use
    std::uint64_t bytes = 0;    ///< of those
  };
  /// Objects that the runtime wrote a type for: those with pointers of more than 512 bytes, since Go 1.22. Of a slice
  /// or an array made with make, the type is that of its elements.
  struct Type {
    std::string name;
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
  };
  struct Large {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
    bool pointers = false;
    std::string type;  ///< empty: it holds no pointers, or the version keeps no types
  };

  std::vector<SizeClass> classes;  ///< by size, without pointers first; large last
  std::vector<Type> types;         ///< most bytes first
  std::vector<Large> largest;      ///< biggest first, the first few
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  std::uint64_t spans = 0;
  std::uint64_t span_bytes = 0;   ///< of spans in use: bytes, and slots that are free
  std::uint64_t stack_spans = 0;  ///< spans that stacks and the runtime itself use
  std::uint64_t stack_bytes = 0;
  std::uint64_t free_spans = 0;          ///< entries of the list that are not in use
  std::uint64_t unreadable_spans = 0;    ///< entries of the list that cannot be read or are no spans
  std::uint64_t unreadable_bitmaps = 0;  ///< spans whose free slots are not known: all count as in use
  std::uint64_t typed_bytes = 0;         ///< of objects with a type
  bool has_types = false;                ///< the version writes them
};

}  // namespace gopsy::model
