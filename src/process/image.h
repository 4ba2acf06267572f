#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "binary/elf.h"
#include "binary/object.h"
#include "process/memory.h"
#include "process/registers.h"

namespace gopsy::process {

/// One thread of the process.
struct Thread {
  std::uint32_t tid = 0;       ///< as the process itself numbers it: what m.procid has, also inside a container
  std::uint32_t host_tid = 0;  ///< as we number it; of a core the same
  std::string name;            ///< of a living one
  Registers registers;
};

/// What ended the process. The one that a core was written for: of a Go program mostly the SIGABRT that it raised
/// itself after it had printed what really happened.
struct Signal {
  int number = 0;
  int code = 0;
  std::uint64_t address = 0;  ///< of SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP
};

/// Which build a file, or what a process has mapped, is. Empty: it does not say.
struct BuildIds {
  std::string gnu;  ///< hexadecimal; Go writes one from 1.24 on
  std::string go;   ///< of every Go program

  /// No note that both have differs, and there is one that both have.
  [[nodiscard]] bool same(const BuildIds& other) const;
  [[nodiscard]] bool differ(const BuildIds& other) const;
  /// The GNU id, else Go's, else "none".
  [[nodiscard]] std::string text() const;
};

/// The program that the process runs, as a file.
struct Executable {
  std::string name;                        ///< as the process had it mapped; " (deleted)" taken off
  std::string path;                        ///< where the file was found; empty: nowhere
  std::unique_ptr<binary::Object> object;  ///< null: nowhere, so text and read-only data may be missing
  /// What the process adds to the file's addresses: 0 if it is not position-independent.
  std::uint64_t bias = 0;
  BuildIds ids;  ///< as the memory of the process says, or else the file
};

/// What is there of the memory that a core should have.
struct Coverage {
  std::uint64_t mapped_bytes = 0;   ///< of all segments
  std::uint64_t dumped_bytes = 0;   ///< that are in the file
  std::uint64_t missing_bytes = 0;  ///< that its headers promise behind its end: it was cut off
  std::uint64_t segments = 0;
  std::uint64_t refused_segments = 0;  ///< that lie outside of any address space, or on top of others
};

/// A process, dead or alive.
///
/// Shape   `memory` is never null and serves what the process has; where a core leaves text and read-only data out, the
///         executable's file stands in for them.
struct Image {
  std::unique_ptr<Memory> memory;
  const RegisterLayout* layout = nullptr;  ///< never null; its machine is that of the process
  Executable executable;
  std::vector<Thread> threads;  ///< of a core the one that died first; of a living process the first one
  std::optional<Signal> signal;
  std::uint32_t pid = 0;               ///< of a living one as we number it
  std::string program;                 ///< 15 bytes of its name, as the kernel has it
  std::vector<std::string> arguments;  ///< of a core the first 80 bytes, split at blanks
  std::uint64_t entry = 0;             ///< where it started to run (AT_ENTRY); 0: not known
  std::optional<Coverage> coverage;    ///< of a core
  std::string files_under;  ///< where the paths of mappings start: /proc/PID/root of a living one, else empty
  /// Sentences for the user: what is missing and what could bring it.
  std::vector<std::string> notices;

  [[nodiscard]] bool is_live() const { return memory->is_live(); }
  /// By its notes or its function table; a stripped one has both.
  [[nodiscard]] bool is_go() const;
  /// Null if no file of it was found.
  [[nodiscard]] binary::Object* object() const { return executable.object.get(); }
};

/// Why there is no image, in words for the user: what is wrong, and after "; " or in a second sentence what helps.
struct Refusal {
  Errc code = Errc::Io;
  std::string message;
};

template <class T>
using Opened = std::expected<T, Refusal>;

}  // namespace gopsy::process
