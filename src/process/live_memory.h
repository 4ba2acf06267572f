#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "process/pieces.h"
#include "process/proc.h"

namespace gopsy::process {

/// The memory of a process that runs, read without stopping it.
///
/// Shape   mappings are those of the moment it was opened. `view` serves what cannot change: the read-only parts of the
///         executable's file; everything else is copied. Pages that the process has not touched yet read as zeros.
/// Cost    process_vm_readv, up to 1024 pieces a call; where the kernel or a sandbox has none (gVisor), /proc/PID/mem
///         with a call a piece.
class LiveMemory final : public Memory {
 public:
  enum class Way : std::uint8_t { Vector, File };

  /// Tries which way works, at `probe`: an address that is mapped.
  ///
  /// Errors  errno: EPERM and EACCES, ESRCH.
  static std::expected<std::unique_ptr<LiveMemory>, int> open(std::uint32_t pid, std::vector<ProcMapping> mappings,
                                                              std::uint64_t probe);
  ~LiveMemory() override;

  [[nodiscard]] std::span<const Mapping> mappings() const override { return mappings_; }
  std::size_t read(std::uint64_t address, std::span<char> into) const override;
  void read_many(std::span<Request> requests) const override;
  [[nodiscard]] std::string_view view(std::uint64_t address, std::uint64_t size) const override {
    return unchanging.at(address, size);
  }
  [[nodiscard]] bool is_live() const override { return true; }

  [[nodiscard]] std::uint32_t pid() const { return pid_; }
  /// For tests: reads the other way.
  void set_way(Way way) { way_ = way; }
  [[nodiscard]] Way way() const { return way_; }

  Stretches unchanging;

 private:
  LiveMemory(std::uint32_t pid, int file) : pid_(pid), file_(file) {}

  std::size_t read_file(std::uint64_t address, std::span<char> into) const;
  [[nodiscard]] std::size_t read_batch(std::span<Request> requests) const;

  std::vector<Mapping> mappings_;
  std::uint32_t pid_;
  int file_;  // /proc/PID/mem, or -1
  Way way_ = Way::Vector;
};

}  // namespace gopsy::process
