#include "app/pprof/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "analyze/pprof/paths.h"
#include "base/error.h"
#include "base/format.h"
#include "io/deflate.h"
#include "render/profile/pprof_writer.h"

namespace gopsy::pprof {
namespace {

using Failed = std::unexpected<std::string>;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string folder_for_files(const Notice& notice) {
  std::vector<std::string> folders;
  if (std::string named = variable("PPROF_TMPDIR"); !named.empty()) folders.push_back(std::move(named));
  if (const std::string home = variable("HOME"); !home.empty()) folders.push_back(home + "/pprof");
  for (const std::string& folder : folders) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!error) return folder;
    notice(fmt::format("Could not use temp dir {}: {}", folder, error.message()));
  }
  const std::string temporary = variable("TMPDIR");
  return temporary.empty() ? "/tmp" : temporary;
}

}  // namespace

std::expected<std::string, std::string> new_file(std::string_view prefix, std::string_view suffix,
                                                 const Notice& notice) {
  const std::string folder = folder_for_files(notice);
  for (int number = 1; number < 10'000; ++number) {
    std::string path = fmt::format("{}/{}{:03}{}", folder, prefix, number, suffix);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0) {
      ::close(file);
      return path;
    }
    if (errno != EEXIST) return Failed(fmt::format("open {}: {}", path, errno_text(errno)));
  }
  return Failed(fmt::format("could not create file of the form {}{:03}{}", prefix, 1, suffix));
}

std::string saved_prefix(const model::Profile& profile, const model::Symbols& symbols) {
  // What a name of a file cannot hold comes from the server like the rest of the profile.
  const auto part = [](std::string_view text) {
    constexpr std::size_t kMost = 100;
    std::string safe(text.substr(0, kMost));
    for (char& c : safe)
      if (c == '/' || c == '\0') c = '_';
    return safe + ".";
  };
  std::string prefix = "pprof.";
  if (!profile.mappings.empty() && profile.mappings[0].file)
    prefix += part(base_name(symbols.text(profile.mappings[0].file)));
  constexpr std::size_t kMostTypes = 8;
  for (std::size_t i = 0; i < profile.types.size() && i < kMostTypes; ++i)
    prefix += part(symbols.text(profile.types[i].type));
  constexpr std::size_t kMostName = 200;
  return prefix.substr(0, kMostName);
}

void save_fetched(const model::Profile& profile, const model::Symbols& symbols, const Notice& notice) {
  const auto failed = [&](std::string_view why) { notice(fmt::format("Could not save profile: {}", why)); };
  const auto packed = io::gzip(render::pprof_bytes(profile, symbols));
  if (!packed) return failed(message(packed.error()));
  const auto path = new_file(saved_prefix(profile, symbols), ".pb.gz", notice);
  if (!path) return failed(path.error());
  std::ofstream file(*path, std::ios::binary | std::ios::trunc);
  file.write(packed->data(), static_cast<std::streamsize>(packed->size()));
  file.close();
  if (!file) return failed(fmt::format("write {}: {}", *path, errno_text(errno == 0 ? EIO : errno)));
  notice("Saved profile in " + *path);
}

}  // namespace gopsy::pprof
