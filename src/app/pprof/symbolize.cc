#include "app/pprof/symbolize.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <tuple>

#include "analyze/pprof/paths.h"
#include "app/pprof/kernel_symbols.h"
#include "base/error.h"
#include "base/format.h"
#include "base/text.h"
#include "binary/demangle.h"
#include "binary/object.h"

namespace gopsy::pprof {
namespace {

using model::Profile;

struct Mode {
  bool none = false;
  bool local = true;
  bool remote = true;
  bool fast = false;
  bool force = false;
  binary::Demangle demangle = binary::Demangle::Simple;
};

Mode parse_mode(std::string_view text, const Notice& notice) {
  Mode mode;
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  for (std::string_view word : split(lower, ':')) {
    if (word.empty()) continue;
    if (word == "none" || word == "no") {
      mode.none = true;
      return mode;
    }
    if (word == "local" || word == "fastlocal") {
      mode.local = true;
      mode.remote = false;
      mode.fast = word == "fastlocal";
    } else if (word == "remote") {
      mode.local = false;
      mode.remote = true;
    } else if (word == "force") {
      mode.force = true;
    } else {
      consume(word, "demangle=");
      if (word == "full" || word == "none" || word == "templates") {
        mode.demangle = word == "full"        ? binary::Demangle::Full
                        : word == "templates" ? binary::Demangle::Templates
                                              : binary::Demangle::None;
        mode.force = true;
      } else if (word != "default") {
        notice("ignoring unrecognized symbolization option: " + std::string(text));
        notice("expecting -symbolize=[local|fastlocal|remote|none][:force][:demangle=[none|full|templates|default]");
      }
    }
  }
  return mode;
}

bool is_url(std::string_view file) {
  const auto scheme = file.substr(0, file.find("://"));
  return scheme.size() < file.size() && (scheme.contains("http") || scheme.contains("HTTP"));
}

std::string open_error(const std::string& path, const Error& error) {
  std::error_code code;
  if (!std::filesystem::exists(path, code))
    return fmt::format("stat {}: {}", path, code ? code.message() : "no such file or directory");
  if (error.code == Errc::Io) return fmt::format("error opening {}: {}", path, errno_text(static_cast<int>(error.a)));
  return error.offset == 0 ? fmt::format("unrecognized binary format: {}", path)
                           : fmt::format("error reading ELF file {}: byte {}: {}", path, error.offset, message(error));
}

class Symbolizer {
 public:
  Symbolizer(Profile& profile, model::Symbols& symbols, const Mode& mode, const Notice& notice)
      : profile_(profile), symbols_(symbols), mode_(mode), notice_(notice) {}

  void run() {
    std::vector<std::vector<std::uint32_t>> locations(profile_.mappings.size());
    for (std::uint32_t i = 0; i < profile_.locations.size(); ++i)
      if (profile_.locations[i].mapping != Profile::kNoMapping) locations[profile_.locations[i].mapping].push_back(i);
    bool missing = false;
    for (std::size_t i = 0; i < profile_.mappings.size(); ++i) {
      const auto& mapping = profile_.mappings[i];
      const bool has_symbols = mapping.has_functions || mapping.has_filenames || mapping.has_line_numbers;
      if (locations[i].empty() || (has_symbols && !mode_.force)) continue;
      if (!mapping.file) {
        if (i == 0) notice_("Main binary filename not available.");
        missing |= i != 0;
        continue;
      }
      missing |= !name_mapping(profile_.mappings[i], locations[i]);
    }
    if (missing) {
      notice_(
          "Some binary filenames not available. Symbolization may be incomplete.\n"
          "Try setting PPROF_BINARY_PATH to the search path for local binaries.");
    }
  }

 private:
  // False if a binary would have helped and is not there.
  bool name_mapping(Profile::Mapping& mapping, const std::vector<std::uint32_t>& locations) {
    const std::string file(symbols_.text(mapping.file));
    const std::string_view base = base_name(file);
    if (base.starts_with("[kernel")) {
      name_all(mapping, locations, [](std::uint64_t address) { return kernel_frames(address); });
      return true;
    }
    const bool is_vdso = base == "[vdso]" || base.starts_with("linux-vdso");
    const bool unnamed =
        base.starts_with('[') || file.starts_with("/dev/dri/") || file == "//anon" || file.starts_with("/memfd:");
    if (unnamed && !is_vdso) return true;
    if (!mapping.build_id && is_url(file)) return true;
    auto object = is_vdso ? binary::Object::vdso() : binary::Object::open(file);
    const std::string build_id(symbols_.text(mapping.build_id));
    const std::string name = std::string(base) + (build_id.empty() ? "" : fmt::format(" (build ID {})", build_id));
    if (!object) {
      if (is_vdso) return true;
      notice_(fmt::format("Local symbolization failed for {}: {}", name, open_error(file, object.error())));
      return false;
    }
    if (const std::string has = object->build_id(); !build_id.empty() && !has.empty() && has != build_id) {
      if (!is_vdso) notice_(fmt::format("Local symbolization failed for {}: build ID mismatch", name));
      return true;
    }
    const std::uint64_t bias = object->bias({.start = mapping.start, .limit = mapping.limit, .offset = mapping.offset});
    name_all(mapping, locations, [&](std::uint64_t address) { return object->frames(address - bias, mode_.fast); });
    return true;
  }

  template <class Frames>
  void name_all(Profile::Mapping& mapping, const std::vector<std::uint32_t>& locations, Frames frames_at) {
    for (const std::uint32_t at : locations) {
      auto& location = profile_.locations[at];
      const auto frames = frames_at(location.address);
      if (frames.empty()) continue;
      location.first_line = static_cast<std::uint32_t>(profile_.lines.size());
      location.line_count = static_cast<std::uint32_t>(frames.size());
      location.folded = false;
      for (const auto& frame : frames) {
        mapping.has_functions |= !frame.function.empty();
        mapping.has_filenames |= !frame.file.empty();
        mapping.has_line_numbers |= frame.line != 0;
        profile_.lines.push_back({.function = function(frame), .line = frame.line, .column = frame.column});
      }
      mapping.has_inline_frames = true;
    }
  }

  std::uint32_t function(const binary::SourceFrame& frame) {
    const StringId name = symbols_.intern(frame.function);
    const StringId file = symbols_.intern(frame.file);
    const auto [found, is_new] = functions_.try_emplace({name.value, file.value, frame.start_line},
                                                        static_cast<std::uint32_t>(profile_.functions.size()));
    if (is_new) {
      profile_.functions.push_back({.id = profile_.functions.size() + 1,
                                    .name = name,
                                    .system_name = name,
                                    .file = file,
                                    .start_line = frame.start_line});
    }
    return found->second;
  }

  Profile& profile_;
  model::Symbols& symbols_;
  const Mode& mode_;
  const Notice& notice_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::int64_t>, std::uint32_t> functions_;
};

void demangle_all(Profile& profile, model::Symbols& symbols, const Mode& mode) {
  for (auto& function : profile.functions) {
    if (mode.force && function.name && function.system_name) function.name = function.system_name;
    const bool demangled_already = function.name && function.name != function.system_name;
    if (mode.demangle == binary::Demangle::None || demangled_already) continue;
    function.name = symbols.intern(binary::demangled(symbols.text(function.system_name), mode.demangle));
  }
}

}  // namespace

std::expected<void, std::string> symbolize(Profile& profile, model::Symbols& symbols, const MappingSources& sources,
                                           const Source& source, const Notice& notice) {
  const Mode mode = parse_mode(source.symbolize, notice);
  if (mode.none) return {};
  if (mode.local) Symbolizer(profile, symbols, mode, notice).run();
  if (mode.remote) {
    if (auto named = symbolize_remotely(profile, symbols, sources, mode.force, source); !named) return named;
  }
  demangle_all(profile, symbols, mode);
  return {};
}

}  // namespace gopsy::pprof
