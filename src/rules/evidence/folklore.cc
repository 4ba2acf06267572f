#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

using std::literals::string_view_literals::operator""sv;

struct Belief {
  std::string_view setting;
  std::string_view truth;
};

// Settings that people write into unit files and that no runtime from Go 1.10 to 1.27 reads (dbgvars in
// runtime/runtime1.go, internal/godebugs), or that were taken out. Unknown keys are ignored in silence.
constexpr std::array kBeliefs{
    Belief{"catchpanics",
           "no runtime has ever had GODEBUG=catchpanics: unknown keys are ignored without a word. A panic is caught by "
           "a deferred recover on its own goroutine, and by nothing else."},
    Belief{"allocfreetrace",
           "GODEBUG=allocfreetrace was removed in Go 1.23; use the heap profile with -memprofilerate=1 or an execution "
           "trace."},
    Belief{"gcrescanstacks", "GODEBUG=gcrescanstacks was removed in Go 1.9; stacks are not rescanned."},
    Belief{"cgocheck=2",
           "GODEBUG=cgocheck=2 stops the program at start since Go 1.21; build with GOEXPERIMENT=cgocheck2 instead."},
    Belief{"madvdontneed=0",
           "since Go 1.16 the runtime returns memory with MADV_DONTNEED by default; madvdontneed=0 makes RSS look "
           "higher, not the program faster."},
};

// Every key that a Go from 1.10 to 1.26 reads: runtime/runtime1.go dbgvars, internal/godebugs/table.go, and those that
// packages read themselves (internal/cpu, net, net/http, crypto/tls, crypto/x509, cmd/go); sorted.
constexpr std::array kKeys{"adaptivestackstart"sv,
                           "allocfreetrace"sv,
                           "allowmultiplevcs"sv,
                           "asyncpreemptoff"sv,
                           "asynctimerchan"sv,
                           "cgocheck"sv,
                           "checkfinalizers"sv,
                           "clobberfree"sv,
                           "containermaxprocs"sv,
                           "cryptocustomrand"sv,
                           "dataindependenttiming"sv,
                           "decoratemappings"sv,
                           "disablethp"sv,
                           "dontfreezetheworld"sv,
                           "efence"sv,
                           "embedfollowsymlinks"sv,
                           "execerrdot"sv,
                           "execwait"sv,
                           "fips140"sv,
                           "fips140ems"sv,
                           "gccheckmark"sv,
                           "gcpacertrace"sv,
                           "gcrescanstacks"sv,
                           "gcshrinkstackoff"sv,
                           "gcstoptheworld"sv,
                           "gctrace"sv,
                           "gocachehash"sv,
                           "gocachetest"sv,
                           "gocacheverify"sv,
                           "goindex"sv,
                           "gotestjsonbuildtext"sv,
                           "gotypesalias"sv,
                           "harddecommit"sv,
                           "htmlmetacontenturlescape"sv,
                           "http2client"sv,
                           "http2debug"sv,
                           "http2server"sv,
                           "httpcookiemaxnum"sv,
                           "httplaxcontentlength"sv,
                           "httpmuxgo121"sv,
                           "httpservecontentkeepheaders"sv,
                           "inittrace"sv,
                           "installgoroot"sv,
                           "invalidptr"sv,
                           "jstmpllitinterp"sv,
                           "madvdontneed"sv,
                           "memprofilerate"sv,
                           "multipartfiles"sv,
                           "multipartmaxheaders"sv,
                           "multipartmaxparts"sv,
                           "multipathtcp"sv,
                           "netdns"sv,
                           "netedns0"sv,
                           "panicnil"sv,
                           "profstackdepth"sv,
                           "randautoseed"sv,
                           "randseednop"sv,
                           "rsa1024min"sv,
                           "runtimecontentionstacks"sv,
                           "sbrk"sv,
                           "scavenge"sv,
                           "scavtrace"sv,
                           "scheddetail"sv,
                           "schedtrace"sv,
                           "tarinsecurepath"sv,
                           "tls10server"sv,
                           "tls13"sv,
                           "tls3des"sv,
                           "tlskyber"sv,
                           "tlsmaxrsasize"sv,
                           "tlsmlkem"sv,
                           "tlsrsakex"sv,
                           "tlssecpmlkem"sv,
                           "tlssha1"sv,
                           "tlsunsafeekm"sv,
                           "traceadvanceperiod"sv,
                           "traceallocfree"sv,
                           "tracebackancestors"sv,
                           "tracebacklabels"sv,
                           "tracecheckstackownership"sv,
                           "tracefpunwindoff"sv,
                           "updatemaxprocs"sv,
                           "urlmaxqueryparams"sv,
                           "urlstrictcolons"sv,
                           "winreadlinkvolume"sv,
                           "winsymlink"sv,
                           "x509ignoreCN"sv,
                           "x509keypairleaf"sv,
                           "x509negativeserial"sv,
                           "x509roots"sv,
                           "x509rsacrt"sv,
                           "x509sha1"sv,
                           "x509sha256skid"sv,
                           "x509usefallbackroots"sv,
                           "x509usepolicies"sv,
                           "zipinsecurepath"sv};
constexpr unsigned kNewestListed = 26;
constexpr std::size_t kLongestKey = 40;

struct Misbelief {
  std::string setting;
  std::string truth;
};

// The value of NAME=… in `line`, up to a blank or quote; in `NAME=…` with a quote of its own, up to its end.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  const auto at_name = line.find(name);
  if (at_name == std::string_view::npos) return std::nullopt;
  std::string_view value = line.substr(at_name + name.size());
  value.remove_prefix(std::min(value.find_first_not_of("\"'`"), value.size()));
  return value.substr(0, value.find_first_of(" \t\"'`"));
}

// One edit away, or two neighbours changed places: what a typing error looks like.
bool is_nearly(std::string_view typed, std::string_view key) {
  const auto longer = std::max(typed.size(), key.size());
  const auto shorter = std::min(typed.size(), key.size());
  if (longer - shorter > 1) return false;
  const auto ends = std::ranges::mismatch(typed, key);
  const auto front = static_cast<std::size_t>(ends.in1 - typed.begin());
  std::size_t back = 0;
  while (back < shorter - std::min(front, shorter) && typed[typed.size() - 1 - back] == key[key.size() - 1 - back])
    ++back;
  if (front + back + 1 >= longer) return true;
  return typed.size() == key.size() && front + back + 2 == typed.size() && typed[front] == key[front + 1] &&
         typed[front + 1] == key[front];
}

// A key of lower-case letters, digits and dots: not a variable or template that is yet to be filled in.
bool is_plain_key(std::string_view key) {
  return !key.empty() && key.size() <= kLongestKey && key[0] >= 'a' && key[0] <= 'z' &&
         key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.CN") == std::string_view::npos;
}

std::optional<Misbelief> misbelief_of_key(std::string_view setting, const model::GoVersion& version) {
  const std::string_view key = setting.substr(0, setting.find('='));
  const auto believed = std::ranges::find_if(
      kBeliefs, [&](const Belief& belief) { return belief.setting == key || setting == belief.setting; });
  if (believed != kBeliefs.end())
    return Misbelief{.setting = fmt::format("GODEBUG={}", believed->setting), .truth = std::string(believed->truth)};
  if (!is_plain_key(key) || key.starts_with("cpu.") || std::ranges::binary_search(kKeys, key)) return std::nullopt;
  const auto meant = std::ranges::find_if(kKeys, [&](std::string_view known) { return is_nearly(key, known); });
  // Later versions have keys of their own; what differs from an old one by a letter is none of them.
  if (meant == kKeys.end() && version.oldest > kNewestListed) return std::nullopt;
  return Misbelief{
      .setting = fmt::format("GODEBUG={}", key),
      .truth = fmt::format("no Go from 1.10 to 1.{} has a setting {}: unknown keys are ignored without a word.{}",
                           kNewestListed, key, meant == kKeys.end() ? "" : fmt::format(" Is {} meant?", *meant))};
}

std::vector<Misbelief> misbeliefs(std::string_view line, const model::GoVersion& version) {
  std::vector<Misbelief> found;
  if (const auto settings = value_of(line, "GODEBUG=")) {
    for (const std::string_view setting : split(*settings, ','))
      if (auto misbelief = misbelief_of_key(setting, version)) found.push_back(std::move(*misbelief));
  }
  if (const auto level = value_of(line, "GOTRACEBACK=")) {
    constexpr std::array kLevels{"none"sv, "single"sv, "all"sv, "system"sv, "crash"sv, "wer"sv, "0"sv, "1"sv, "2"sv};
    const std::string_view word = level->substr(0, level->find_first_of(",;)\\"));
    const bool to_be_filled_in = word.empty() || word.find_first_of("$%{<") != std::string_view::npos;
    if (!to_be_filled_in && std::ranges::find(kLevels, word) == kLevels.end())
      found.push_back({.setting = fmt::format("GOTRACEBACK={}", shorten(word, kLongestKey)),
                       .truth = fmt::format("GOTRACEBACK={} is no level: none (0), single, all (1), system (2), crash "
                                            "and, on Windows, wer are; any other word means single.",
                                            shorten(word, kLongestKey))});
  }
  return found;
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& evidence : inquiry.incident.evidence) {
    if (!evidence.log) continue;
    for (const auto& notice : evidence.log->notices) {
      const std::string_view text = inquiry.incident.symbols.text(notice.text);
      for (const Misbelief& misbelief : misbeliefs(text, evidence.go_version)) {
        Finding finding{.confidence = 0.95};
        finding.title = fmt::format("{} does not do what is believed", misbelief.setting);
        finding.why = misbelief.truth;
        finding.evidence.push_back({.text = shorten(text, 200), .path = evidence.path, .line = notice.number});
        finding.confirm =
            "The list of settings that exist is in the documentation of package runtime and of GODEBUG for the Go "
            "version in use.";
        finding.fix = "Remove the setting, so that nobody relies on it.";
        finding.next = "go doc runtime | sed -n '/GODEBUG/,/GOTRACEBACK/p'";
        findings.push_back(std::move(finding));
      }
    }
  }
}

}  // namespace

constinit const Rule kFolklore{
    .id = "evidence.folklore",
    .severity = Severity::Info,
    .summary = "a setting in the evidence does not exist or does not do what is believed (GODEBUG=catchpanics, ...)",
    .run = run,
};

}  // namespace gopsy::rules
