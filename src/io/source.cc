#include "io/source.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "io/archive.h"
#include "io/file.h"

namespace gopsy::io {
namespace {

namespace fs = std::filesystem;

Error io_error(const std::error_code& code, const char* what) {
  return {.code = Errc::Io, .what = what, .a = static_cast<std::uint64_t>(code.value())};
}

class Opener {
 public:
  Opener(const Limits& limits, const std::function<void(const Piece&)>& each)
      : limits_(limits), each_(each), budget_{.bytes = limits.max_inflated_bytes, .members = limits.max_members} {}

  void open(const std::string& what) {
    std::error_code code;
    if (what != "-" && fs::is_directory(what, code)) {
      walk(what);
    } else {
      read(what);
    }
  }

  void open_bytes(const std::string& path, std::string_view bytes) { unwrap({.path = path, .bytes = bytes}, 0); }

  std::vector<Refused> take_refused() { return std::move(refused_); }

 private:
  void refuse(const std::string& path, const Error& error) { refused_.push_back({.path = path, .error = error}); }

  void read(const std::string& path) {
    const auto content = read_whole(path, budget_.bytes);
    if (!content) return refuse(path, content.error());
    outermost_ = &*content;
    unwrap({.path = path, .bytes = content->view(), .file = outermost_}, 0);
    outermost_ = nullptr;
  }

  // Undoes one wrapper and goes on with what is inside. Recursion is bounded by max_depth.
  void unwrap(const Piece& piece, unsigned depth) {
    const Codec codec = sniff_codec(piece.bytes);
    const Archive archive = codec == Codec::None ? sniff_archive(piece.bytes) : Archive::None;
    if (codec == Codec::None && archive == Archive::None) return each_(piece);
    if (depth == limits_.max_depth) {
      return refuse(piece.path, {.code = Errc::TooLarge,
                                 .what = "it is wrapped more than {} times; max_depth raises the limit",
                                 .a = limits_.max_depth});
    }
    if (archive != Archive::None) return walk_members(piece, archive, depth + 1);
    constexpr std::uint64_t kPlausible = 200;
    const std::uint64_t limit =
        std::min(budget_.bytes, std::max(limits_.max_bomb_bytes, piece.bytes.size() * kPlausible));
    auto inflated = inflate(piece.bytes, limit);
    if (!inflated) return refuse(piece.path, inflated.error());
    budget_.bytes -= inflated->bytes.size();
    // What was inflated is all that is looked at from here on; the compressed file need not stay in memory beside it.
    if (depth == 0 && outermost_ != nullptr) outermost_->drop_pages();
    unwrap({.path = piece.path,
            .bytes = inflated->bytes.view(),
            .inflated_from = codec,
            .truncated = piece.truncated || inflated->truncated,
            .trailing_bytes = inflated->trailing_bytes},
           depth + 1);
  }

  void walk_members(const Piece& piece, Archive archive, unsigned depth) {
    const Visitor visitor{
        .member =
            [&](const Member& member) {
              unwrap({.path = piece.path + ":" + member.name, .bytes = member.bytes, .truncated = member.truncated},
                     depth);
            },
        .refused = [&](const std::string& name, const Error& error) { refuse(piece.path + ":" + name, error); },
    };
    const auto walked =
        archive == Archive::Tar ? walk_tar(piece.bytes, budget_, visitor) : walk_zip(piece.bytes, budget_, visitor);
    if (!walked) refuse(piece.path, walked.error());
  }

  void walk(const std::string& directory) {
    // A stack of paths instead of recursion: a directory tree is input, and may be deep.
    std::vector<fs::path> open{directory};
    bool any = false;
    while (!open.empty()) {
      const fs::path path = std::move(open.back());
      open.pop_back();
      std::error_code code;
      const fs::file_status itself = fs::symlink_status(path, code);
      const bool linked_directory = fs::is_symlink(itself) && fs::is_directory(path, code);
      const bool root = path == directory;
      if (!root && linked_directory) continue;
      if (fs::is_directory(path, code)) {
        push_entries(path, open);
        continue;
      }
      any = true;
      if (budget_.members == 0) return refuse(directory, {.code = Errc::TooLarge, .what = "too many files"});
      --budget_.members;
      const fs::file_status status = fs::status(path, code);
      if (status.type() == fs::file_type::not_found) {
        refuse(path.string(),
               io_error(std::make_error_code(std::errc::no_such_file_or_directory), "errno {}: a link to nothing"));
      } else if (status.type() != fs::file_type::regular) {
        refuse(path.string(), {.code = Errc::Unsupported, .what = "a pipe, socket or device inside a directory"});
      } else {
        read(path.string());
      }
    }
    if (!any) refuse(directory, {.code = Errc::Usage, .what = "the directory holds no file"});
  }

  // Puts the entries of `path` on the stack so that they come off it in the order of their names.
  void push_entries(const fs::path& path, std::vector<fs::path>& open) {
    std::error_code code;
    fs::directory_iterator entries(path, code);
    if (code) return refuse(path.string(), io_error(code, "errno {}: the directory cannot be read"));
    const std::size_t first = open.size();
    for (; entries != fs::directory_iterator(); entries.increment(code)) {
      const std::string name = entries->path().filename().string();
      if (!name.starts_with('.') && name != "CVS" && name != "_darcs") open.push_back(entries->path());
      if (code) break;
    }
    if (code) refuse(path.string(), io_error(code, "errno {}: the directory cannot be read to its end"));
    std::sort(open.begin() + static_cast<std::ptrdiff_t>(first), open.end(),
              [](const fs::path& a, const fs::path& b) { return a.filename() > b.filename(); });
  }

  const Limits& limits_;
  const std::function<void(const Piece&)>& each_;
  Budget budget_;
  std::vector<Refused> refused_;
  const Bytes* outermost_ = nullptr;  // the file that is being unwrapped
};

}  // namespace

std::vector<Refused> open(const std::string& what, const Limits& limits,
                          const std::function<void(const Piece&)>& each) {
  Opener opener(limits, each);
  opener.open(what);
  return opener.take_refused();
}

std::vector<Refused> open_bytes(const std::string& path, std::string_view bytes, const Limits& limits,
                                const std::function<void(const Piece&)>& each) {
  Opener opener(limits, each);
  opener.open_bytes(path, bytes);
  return opener.take_refused();
}

}  // namespace gopsy::io
