#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gopsy::decode::trace {

/// Bytes of a trace, header not included: whole batches, the last of which may be cut short.
struct Page {
  std::string_view bytes;    ///< readable until the source dies
  std::uint64_t offset = 0;  ///< of the first byte, in the file; damage is located by it
};

/// Where a trace comes from: a file is one page; what was found in the memory of a process, or in a core, is one page a
/// buffer of the runtime, in the order of generations.
class PageSource {
 public:
  virtual ~PageSource() = default;
  virtual std::optional<Page> next() = 0;
  /// `bytes` were read and will hardly be looked at again: a mapping may give their memory back.
  virtual void release(std::string_view bytes) { static_cast<void>(bytes); }
};

/// Bytes that are there as a whole.
class WholePage : public PageSource {
 public:
  WholePage(std::string_view bytes, std::uint64_t offset) : page_({.bytes = bytes, .offset = offset}) {}
  std::optional<Page> next() override {
    auto page = page_;
    page_.reset();
    return page;
  }

 private:
  std::optional<Page> page_;
};

}  // namespace gopsy::decode::trace
