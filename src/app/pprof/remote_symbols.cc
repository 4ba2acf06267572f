#include "app/pprof/remote_symbols.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "analyze/pprof/paths.h"
#include "app/pprof/fetch.h"
#include "base/format.h"
#include "base/text.h"
#include "io/url.h"

namespace gopsy::pprof {
namespace {

using Failed = std::unexpected<std::string>;
using Profile = model::Profile;

// `address` moved by the difference of two starts, or nothing beyond 64 bits.
std::optional<std::uint64_t> moved(std::uint64_t address, std::uint64_t from, std::uint64_t to) {
  std::uint64_t out = 0;
  const bool over =
      to >= from ? __builtin_add_overflow(address, to - from, &out) : __builtin_sub_overflow(address, from - to, &out);
  if (over) return std::nullopt;
  return out;
}

// "0x4f00 main.main": pprof takes the first such pair anywhere in a line.
struct Named {
  std::uint64_t address;
  std::string_view name;
};

bool is_blank(char c) { return std::string_view(" \t\r\f\v").contains(c); }

std::expected<std::optional<Named>, std::string> named_in(std::string_view line) {
  for (std::size_t at = line.find("0x"); at != std::string_view::npos; at = line.find("0x", at + 1)) {
    std::size_t end = at + 2;
    while (end < line.size() && (std::string_view("0123456789abcdefABCDEF").contains(line[end]))) ++end;
    std::size_t name = end;
    while (name < line.size() && is_blank(line[name])) ++name;
    if (end == at + 2 || name == end) {
      at = end - 2;  // the last digit may begin the next one
      continue;
    }
    const auto digits = line.substr(at + 2, end - at - 2);
    const auto address = parse_hex(digits);
    if (!address) return Failed(fmt::format("unexpected parse failure 0x{}", shorten(digits, 80)));
    return Named{*address, line.substr(name)};
  }
  return std::nullopt;
}

// Fills the locations of one mapping from one server.
class Filler {
 public:
  Filler(Profile& profile, model::Symbols& symbols, std::uint32_t mapping, std::uint64_t start)
      : profile_(profile), symbols_(symbols), mapping_(mapping), start_(start) {}

  // The addresses to ask for, as the server knows them; empty if all have lines.
  std::expected<std::string, std::string> question() {
    std::string out;
    for (const auto& location : profile_.locations) {
      if (location.mapping != mapping_ || location.address == 0 || location.line_count != 0) continue;
      const auto address = moved(location.address, here(), start_);
      if (!address) return Failed(overflow("address", location.address));
      fmt::format_to(std::back_inserter(out), "{}{:#x}", out.empty() ? "" : "+", *address);
    }
    return out;
  }

  std::expected<void, std::string> take(std::string_view answer) {
    std::unordered_map<std::uint64_t, std::uint32_t> by_address;
    LineReader lines(answer);
    while (lines.next()) {
      // A line that was cut would name another function.
      if (!lines.complete()) break;
      const auto named = named_in(lines.line());
      if (!named) return Failed(named.error());
      if (!*named) continue;
      const auto address = moved((*named)->address, start_, here());
      if (!address) return Failed(overflow("symbolz address", (*named)->address));
      by_address[*address] = function((*named)->name);
    }
    for (auto& location : profile_.locations) {
      if (location.mapping != mapping_) continue;
      const auto found = by_address.find(location.address);
      if (found == by_address.end()) continue;
      location.first_line = static_cast<std::uint32_t>(profile_.lines.size());
      location.line_count = 1;
      profile_.lines.push_back({.function = found->second});
    }
    return {};
  }

 private:
  [[nodiscard]] std::uint64_t here() const { return profile_.mappings[mapping_].start; }

  [[nodiscard]] std::string overflow(std::string_view what, std::uint64_t address) const {
    return fmt::format("cannot adjust {} {} by {}, it would overflow", what, address,
                       static_cast<std::int64_t>(start_ - here()));
  }

  std::uint32_t function(std::string_view name) {
    const StringId id = symbols_.intern(name);
    const auto [at, is_new] = functions_.try_emplace(id, static_cast<std::uint32_t>(profile_.functions.size()));
    if (is_new)
      profile_.functions.push_back({.id = std::uint64_t{profile_.functions.size()} + 1, .name = id, .system_name = id});
    return at->second;
  }

  Profile& profile_;
  model::Symbols& symbols_;
  std::uint32_t mapping_;
  std::uint64_t start_;
  std::unordered_map<StringId, std::uint32_t> functions_;
};

const std::vector<MappingSource>* sources_of(const MappingSources& sources, std::string_view key) {
  const auto found = sources.find(key);
  return found == sources.end() ? nullptr : &found->second;
}

// The first server that may know the mapping: those of its file, then those of its build id.
const MappingSource* server_of(const Profile::Mapping& mapping, const model::Symbols& symbols,
                               const MappingSources& sources) {
  for (const StringId key : {mapping.file, mapping.build_id}) {
    if (key == mapping.build_id && !key) continue;
    const auto* some = sources_of(sources, symbols.text(key));
    if (some == nullptr) continue;
    for (const auto& source : *some)
      if (!symbol_url(source.url).empty()) return &source;
  }
  return nullptr;
}

}  // namespace

void note_sources(Profile& profile, model::Symbols& symbols, const std::string& url, MappingSources& sources) {
  for (auto& mapping : profile.mappings) {
    StringId key = mapping.build_id ? mapping.build_id : mapping.file;
    if (!key) key = mapping.file = symbols.intern(url);
    sources[std::string(symbols.text(key))].push_back({.url = url, .start = mapping.start});
  }
}

void forget_sources(Profile& profile, const model::Symbols& symbols) {
  for (auto& mapping : profile.mappings) {
    if (mapping.build_id || !mapping.file) continue;
    const auto url = io::parse_url(symbols.text(mapping.file));
    if (url && !url->scheme.empty()) mapping.file = {};
  }
}

std::string symbol_url(const std::string& text) {
  constexpr std::array<std::string_view, 5> kGperftools{"/pprof/heap", "/pprof/growth", "/pprof/profile",
                                                        "/pprof/pmuprofile", "/pprof/contention"};
  auto url = io::parse_url(text);
  if (!url || url->host.empty()) return {};
  const bool known = url->path.contains("/debug/pprof/") ||
                     std::ranges::any_of(kGperftools, [&](auto suffix) { return url->path.ends_with(suffix); });
  url->path = clean_path(url->path + "/../" + (known ? "symbol" : "symbolz"));
  url->query.clear();
  return io::to_text(*url);
}

std::expected<void, std::string> symbolize_remotely(Profile& profile, model::Symbols& symbols,
                                                    const MappingSources& sources, bool force, const Ask& ask) {
  for (std::uint32_t i = 0; i < profile.mappings.size(); ++i) {
    if (!force && profile.mappings[i].has_functions) continue;
    const MappingSource* const server = server_of(profile.mappings[i], symbols, sources);
    if (server == nullptr) continue;
    Filler filler(profile, symbols, i, server->start);
    const auto question = filler.question();
    if (!question) return Failed(question.error());
    if (!question->empty()) {
      const auto answer = ask(symbol_url(server->url), *question);
      if (!answer) return Failed(answer.error());
      if (auto filled = filler.take(*answer); !filled) return filled;
    }
    profile.mappings[i].has_functions = true;
  }
  return {};
}

std::expected<void, std::string> symbolize_remotely(Profile& profile, model::Symbols& symbols,
                                                    const MappingSources& sources, bool force, const Source& source) {
  const auto ask = [&](const std::string& url,
                       const std::string& addresses) -> std::expected<std::string, std::string> {
    app::Remote handler{.url = url, .timeout = std::chrono::seconds(source.timeout > 0 ? source.timeout : 60)};
    const auto answer = app::post(handler, addresses, fetch_options(source));
    if (!answer) return Failed(answer.error());
    return std::string(answer->view());
  };
  return symbolize_remotely(profile, symbols, sources, force, ask);
}

}  // namespace gopsy::pprof
