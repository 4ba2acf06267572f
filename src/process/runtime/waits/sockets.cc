#include "process/runtime/waits/sockets.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "process/proc.h"

namespace gopsy::process {
namespace {

constexpr std::uint64_t kMostTable = std::uint64_t{64} << 20;
constexpr std::size_t kLongestPath = 4096;

std::string_view state_words(std::string_view protocol, std::string_view state) {
  // Of UDP only "has a peer" and "has none" are told by these numbers.
  if (protocol.starts_with("udp")) return {};
  constexpr std::array<std::string_view, 12> kStates{
      "",          "established", "connecting",         "handshake", "closing", "closing",
      "time wait", "closed",      "closed by the peer", "closing",   "listens", "closing"};
  const auto number = parse_hex(state);
  return number && *number < kStates.size() ? kStates[static_cast<std::size_t>(*number)] : std::string_view{};
}

// "0100007F:1F90": words of the address as the machine has them, so in the order of the network they are turned around.
std::optional<std::string> address(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || (colon != 8 && colon != 32)) return std::nullopt;
  const auto port = parse_hex(text.substr(colon + 1));
  if (!port) return std::nullopt;
  std::array<char, 16> bytes{};
  for (std::size_t i = 0; i * 8 < colon; ++i) {
    const auto word = parse_hex(text.substr(i * 8, 8));
    if (!word) return std::nullopt;
    const auto number = static_cast<std::uint32_t>(*word);
    std::memcpy(bytes.data() + i * 4, &number, 4);
  }
  std::array<char, INET6_ADDRSTRLEN> out{};
  const bool is_v6 = colon == 32;
  if (inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), out.data(), out.size()) == nullptr) return std::nullopt;
  std::string_view shown(out.data());
  if (is_v6 && consume(shown, "::ffff:") && shown.contains('.')) return fmt::format("{}:{}", shown, *port);
  return is_v6 ? fmt::format("[{}]:{}", out.data(), *port) : fmt::format("{}:{}", out.data(), *port);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = line.find_first_not_of(' '); at < line.size(); at = line.find_first_not_of(' ', at)) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

void parse_unix_table(std::string_view table, std::unordered_map<std::uint64_t, std::string>& sockets) {
  LineReader lines(table);
  while (lines.next()) {
    const auto words = words_of(lines.line());
    if (words.size() < 7) continue;
    if (const auto inode = parse_decimal(words[6]))
      sockets.emplace(*inode, words.size() > 7 ? fmt::format("unix {}", words[7]) : std::string("unix socket"));
  }
}

}  // namespace

void parse_net_table(std::string_view protocol, std::string_view table,
                     std::unordered_map<std::uint64_t, std::string>& sockets) {
  LineReader lines(table);
  while (lines.next()) {
    const auto words = words_of(lines.line());
    if (words.size() < 10) continue;
    const auto local = address(words[1]);
    const auto remote = address(words[2]);
    const auto inode = parse_decimal(words[9]);
    if (!local || !remote || !inode || *inode == 0) continue;
    std::string_view name = protocol;
    if (name.ends_with('6')) name.remove_suffix(1);
    std::string text = fmt::format("{} {}", name, *local);
    if (!remote->ends_with(":0")) text += " -> " + *remote;
    if (const auto state = state_words(protocol, words[3]); !state.empty()) text += fmt::format(", {}", state);
    sockets.emplace(*inode, std::move(text));
  }
}

void Sockets::read_tables() {
  read_ = true;
  for (const std::string_view protocol : {"tcp", "tcp6", "udp", "udp6"})
    parse_net_table(protocol, read_proc(pid_, fmt::format("net/{}", protocol), kMostTable), by_inode_);
  parse_unix_table(read_proc(pid_, "net/unix", kMostTable), by_inode_);
}

std::string Sockets::describe(std::int64_t descriptor) {
  if (pid_ == 0 || descriptor < 0) return {};
  std::array<char, kLongestPath> target{};
  const std::string link = fmt::format("/proc/{}/fd/{}", pid_, descriptor);
  const ssize_t size = readlink(link.c_str(), target.data(), target.size());
  if (size <= 0) return {};
  std::string_view text(target.data(), static_cast<std::size_t>(size));
  std::string_view inode = text;
  if (!consume(inode, "socket:[") || !inode.ends_with(']')) return std::string(text);
  inode.remove_suffix(1);
  if (!read_) read_tables();
  const auto number = parse_decimal(inode);
  const auto found = number ? by_inode_.find(*number) : by_inode_.end();
  return found == by_inode_.end() ? std::string("socket") : found->second;
}

}  // namespace gopsy::process
