#include "process/proc.h"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/format.h"
#include "base/text.h"
#include "io/file.h"

namespace gopsy::process {
namespace {

void skip_blanks(std::string_view& text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
}

std::string_view next_word(std::string_view& text) {
  skip_blanks(text);
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

std::optional<ProcMapping> parse_mapping(std::string_view line) {
  ProcMapping row;
  const auto start = consume_hex(line);
  if (!start || !consume(line, "-")) return std::nullopt;
  const auto end = consume_hex(line);
  const std::string_view allowed = next_word(line);
  std::string_view offset = next_word(line);
  const auto file_offset = consume_hex(offset);
  if (!end || *end <= *start || allowed.size() != 4 || !file_offset) return std::nullopt;
  next_word(line);  // device
  next_word(line);  // inode
  skip_blanks(line);
  // The only byte of a path that is escaped.
  constexpr std::string_view kNewline = "\\012";
  for (std::size_t at = 0; at < line.size();) {
    const bool newline = line.substr(at).starts_with(kNewline);
    row.name += newline ? '\n' : line[at];
    at += newline ? kNewline.size() : 1;
  }
  row.shared = allowed[3] == 's';
  row.mapping = {.start = *start,
                 .end = *end,
                 .readable = allowed[0] == 'r',
                 .writable = allowed[1] == 'w',
                 .executable = allowed[2] == 'x',
                 .file_offset = *file_offset,
                 .file = row.name.starts_with('/') ? row.name : std::string()};
  return row;
}

}  // namespace

std::vector<ProcMapping> parse_maps(std::string_view text) {
  std::vector<ProcMapping> rows;
  for (LineReader lines(text); lines.next();)
    if (auto row = parse_mapping(lines.line())) rows.push_back(std::move(*row));
  return rows;
}

ProcStatus parse_status(std::string_view text) {
  ProcStatus status;
  const auto number = [](std::string_view word) { return static_cast<std::uint32_t>(parse_decimal(word).value_or(0)); };
  for (LineReader lines(text); lines.next();) {
    std::string_view value = lines.line();
    const auto key = consume_until(value, ":");
    if (!key) continue;
    if (*key == "Name") status.name = trim(value);
    if (*key == "State") status.state = trim(value).empty() ? '?' : trim(value).front();
    if (*key == "Tgid") status.tgid = number(trim(value));
    if (*key == "Uid") {
      status.uid = number(next_word(value));
      status.euid = number(next_word(value));
    }
    if (*key == "Gid") status.gid = number(next_word(value));
    if (*key == "TracerPid") status.tracer = number(trim(value));
    if (*key == "CapEff") status.capabilities = parse_hex(trim(value)).value_or(0);
    if (*key == "NSpid") {
      status.namespaces = 0;
      for (std::string_view word = next_word(value); !word.empty(); word = next_word(value)) {
        status.inner_pid = number(word);
        ++status.namespaces;
      }
    }
  }
  return status;
}

std::optional<Sleeping> parse_syscall(std::string_view text) {
  const auto words = split(trim(text), ' ');
  if (words.size() < 3) return std::nullopt;  // "running"
  const auto sp = parse_hex(words[words.size() - 2]);
  const auto pc = parse_hex(words[words.size() - 1]);
  if (!sp || !pc || *pc == 0) return std::nullopt;
  return Sleeping{.sp = *sp, .pc = *pc};
}

std::optional<std::uint64_t> stat_field(std::string_view text, std::size_t number) {
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos || number < 3) return std::nullopt;
  text.remove_prefix(name_end + 1);
  std::string_view word;
  for (std::size_t i = 3; i <= number; ++i) word = next_word(text);
  return parse_decimal(trim(word));
}

std::string read_proc(std::uint32_t pid, std::string_view name, std::uint64_t limit) {
  const auto bytes = io::read_whole(fmt::format("/proc/{}/{}", pid, name), limit);
  errno = 0;
  if (bytes) return std::string(bytes->view());
  errno = bytes.error().code == Errc::Io ? static_cast<int>(bytes.error().a) : EIO;
  return {};
}

std::vector<std::uint32_t> thread_ids(std::uint32_t pid) {
  std::vector<std::uint32_t> ids;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(fmt::format("/proc/{}/task", pid).c_str()), ::closedir);
  if (folder == nullptr) return ids;
  while (const dirent* const entry = ::readdir(folder.get()))
    if (const auto id = parse_decimal(entry->d_name)) ids.push_back(static_cast<std::uint32_t>(*id));
  std::ranges::sort(ids);
  return ids;
}

}  // namespace gopsy::process
