#include "decode/pprof/pprof.h"

#include <algorithm>
#include <ranges>
#include <string>

#include "base/text.h"
#include "base/wire.h"
#include "decode/pprof/samples.h"
#include "decode/pprof/sniff.h"
#include "decode/pprof/split.h"
#include "decode/pprof/tables.h"
#include "decode/version_marks.h"

namespace gopsy::decode {
namespace {

// Mutex and block profiles have the same types; only a mutex profile has stacks that end in an unlock.
bool ends_in_unlock(const model::Profile& profile, const model::Symbols& symbols) {
  return std::ranges::any_of(std::views::iota(std::size_t{0}, profile.sample_count()), [&](std::size_t sample) {
    const auto stack = profile.stack(sample);
    if (stack.empty()) return false;
    const auto& leaf = profile.locations[stack[0]];
    if (leaf.line_count == 0) return false;
    const auto& function = profile.functions[profile.lines[leaf.first_line].function];
    const std::string_view name = symbols.text(function.name);
    return name.ends_with("Unlock") || name.ends_with("nlockSlow") || name.starts_with("runtime.unlock") ||
           name == "runtime._LostContendedRuntimeLock";
  });
}

std::string kind_of(const model::Profile& profile, const model::Symbols& symbols) {
  const auto has = [&](std::string_view type) {
    return std::ranges::any_of(profile.types, [&](const auto& t) { return symbols.text(t.type) == type; });
  };
  const std::string_view period = symbols.text(profile.period_type.type);
  if (has("cpu") || period == "cpu") return "CPU profile";
  if (has("alloc_space") || has("inuse_space"))
    return symbols.text(profile.default_type) == "alloc_space" ? "allocs profile" : "heap profile";
  if (has("contentions") && has("delay")) {
    if (ends_in_unlock(profile, symbols)) return "mutex profile";
    return profile.sample_count() == 0 ? "contention profile" : "block profile";
  }
  if (has("goroutineleak")) return "goroutine leak profile";
  if (period == "wallclock") return "wall-clock profile";
  const std::string_view type = symbols.text(profile.types[profile.default_column()].type);
  return type.empty() ? "profile" : shorten(printable(type), 40) + " profile";
}

std::string program_of(const model::Profile& profile, const model::Symbols& symbols) {
  if (profile.mappings.empty()) return {};
  std::string_view file = symbols.text(profile.mappings[0].file);
  if (file.starts_with('[')) return {};
  file.remove_prefix(std::min(file.size(), file.rfind('/') + 1));
  return std::string(file);
}

// Nothing was kept: what is wrong with the first sample, and where it stands.
Error no_sample_fits(std::string_view bytes, const model::Counts& samples, bool torn) {
  Error error{.code = torn ? Errc::Truncated : Errc::Malformed,
              .what = "none of the {} samples can be placed",
              .a = samples.read};
  Wire wire(bytes);
  for (std::uint64_t at = 0; wire.next(); at = wire.offset()) {
    if (wire.field() == 2) {
      error.offset = at;
      break;
    }
    wire.skip();
  }
  if (samples.skipped.size() != 1) return error;
  const std::string_view reason = samples.skipped[0].reason;
  if (reason.starts_with("another number of values"))
    error.what = "sample 1 has another number of values than the profile has types, and so have all {} samples";
  if (reason.starts_with("names a location"))
    error.what = "sample 1 names a location that is missing, and so do all {} samples";
  if (reason.starts_with("a label"))
    error.what = "sample 1 has a label that names a missing string, as all {} samples do";
  return error;
}

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  model::Evidence evidence;
  model::Profile& profile = evidence.profile.emplace();
  ProfileTables tables(bytes, symbols, profile);
  if (const auto read = tables.read(); !read) return std::unexpected(read.error());
  evidence.counts.push_back(read_samples(bytes, tables, profile));
  const model::Counts samples = evidence.counts.back();
  if (samples.read != 0 && samples.kept == 0) return std::unexpected(no_sample_fits(bytes, samples, tables.torn()));
  if (tables.torn()) {
    const auto lost = std::ranges::count(profile.functions, tables.lost_name(), &model::Profile::Function::name);
    model::Counts names{.what = "functions", .read = profile.functions.size()};
    names.skip("names lost to the cut", static_cast<std::uint64_t>(lost));
    names.kept = names.read - static_cast<std::uint64_t>(lost);
    evidence.counts.push_back(std::move(names));
  }
  evidence.kind = kind_of(profile, symbols);
  evidence.process = program_of(profile, symbols);
  evidence.time_ns = profile.time_ns;
  for (const auto& function : profile.functions)
    note_version(evidence.go_version, symbols.text(function.name), symbols.text(function.file));
  return evidence;
}

}  // namespace

constinit const Decoder kPprof{
    .name = "pprof",
    .title = "pprof profile",
    .summary =
        "CPU, heap, goroutine, mutex, block and other profiles of runtime/pprof, /debug/pprof and pprof's friends",
    .sniff = sniff_profile,
    .decode = decode,
    .split = split_profiles,
};

}  // namespace gopsy::decode
