#include "support/profile_text.h"

#include <algorithm>

#include "base/format.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "base/units.h"
#include "support/log_text.h"

namespace gopsy::test {
namespace {

using model::Profile;

void add_counts(std::string& out, const model::Evidence& evidence) {
  for (const auto& counts : evidence.counts) {
    out += fmt::format("{}: read {}, kept {}", counts.what, counts.read, counts.kept);
    for (const auto& skipped : counts.skipped) out += fmt::format(", skipped {} ({})", skipped.count, skipped.reason);
    out += "\n";
  }
}

void add_head(std::string& out, const model::Evidence& evidence, const model::Symbols& symbols) {
  const Profile& p = *evidence.profile;
  out += "kind: " + evidence.kind + "\n";
  if (!evidence.process.empty()) out += "process: " + printable(evidence.process) + "\n";
  if (evidence.time_ns != 0) out += "time: " + utc_time(evidence.time_ns) + "\n";
  if (p.duration_ns != 0) out += fmt::format("duration: {} ns\n", p.duration_ns);
  if (const auto version = evidence.go_version.text(); !version.empty()) out += "go: " + version + "\n";
  const auto type = [&](const model::ValueType& t) {
    return printable(fmt::format("{}/{}", symbols.text(t.type), symbols.text(t.unit)));
  };
  out += "types:";
  for (const auto& t : p.types) out += " " + type(t);
  out += "\n";
  if (p.period_type.type) out += fmt::format("period: {} {}\n", p.period, type(p.period_type));
  if (p.default_type) out += fmt::format("default type: {}\n", symbols.text(p.default_type));
  for (const StringId comment : p.comments) out += fmt::format("comment: {}\n", symbols.text(comment));
  for (const auto& [name, id] :
       {std::pair{"drop frames", p.drop_frames}, {"keep frames", p.keep_frames}, {"doc", p.doc_url}})
    if (id) out += fmt::format("{}: {}\n", name, symbols.text(id));
  for (const auto& m : p.mappings) {
    out += fmt::format("mapping {}: {:#x}-{:#x} @{:#x} {} {}\n", m.id, m.start, m.limit, m.offset,
                       printable(symbols.text(m.file)), symbols.text(m.build_id));
  }
  add_counts(out, evidence);
}

void add_location(std::string& out, const Profile& p, std::size_t index, const model::Symbols& symbols) {
  const auto& location = p.locations[index];
  const std::string address = location.address == 0 ? "" : fmt::format(" {:#x}", location.address);
  if (location.line_count == 0) out += fmt::format("  ?{}\n", address);
  for (std::uint32_t i = 0; i < location.line_count; ++i) {
    const auto& line = p.lines[location.first_line + i];
    const auto& function = p.functions[line.function];
    out += fmt::format("  {}{}", i == 0 ? "" : "^ ", printable(symbols.text(function.name)));
    if (function.file) out += " " + printable(symbols.text(function.file));
    if (line.line != 0) out += fmt::format(":{}", line.line);
    if (line.column != 0) out += fmt::format(":{}", line.column);
    out += address + (location.folded ? " folded" : "") + "\n";
  }
}

void add_sample(std::string& out, const Profile& p, std::size_t sample, const model::Symbols& symbols) {
  out += "sample";
  for (std::size_t t = 0; t < p.types.size(); ++t) out += fmt::format(" {}", p.value(sample, t));
  for (auto i = p.label_start[sample]; i < p.label_start[sample + 1]; ++i) {
    const auto& label = p.labels[i];
    const std::string value = label.text ? json_string(symbols.text(label.text))
                                         : fmt::format("{} {}", label.number, symbols.text(label.unit));
    out += fmt::format(" {}={}", printable(symbols.text(label.key)), value);
  }
  out += "\n";
  for (const std::uint32_t location : p.stack(sample)) add_location(out, p, location, symbols);
}

std::string trace_text(const model::Evidence& evidence) {
  std::string out = "kind: " + evidence.kind + "\n";
  if (evidence.time_ns != 0) out += "time: " + utc_time(evidence.time_ns) + "\n";
  out += "go: " + evidence.go_version.text() + "\n";
  add_counts(out, evidence);
  if (!evidence.cut.empty()) out += "cut: " + evidence.cut + "\n";
  for (const auto& damage : evidence.trace->damaged)
    out += fmt::format("damage at byte {}, {} bytes, generation {}: {}\n", damage.offset, damage.bytes,
                       damage.generation, damage.what);
  return out;
}

}  // namespace

std::string profile_text(const model::Evidence& evidence, const model::Symbols& symbols) {
  std::string out;
  add_head(out, evidence, symbols);
  for (std::size_t i = 0; i < evidence.profile->sample_count(); ++i) add_sample(out, *evidence.profile, i, symbols);
  return out;
}

std::string decoded_text(const decode::Decoder& decoder, std::string_view bytes) {
  model::Symbols symbols;
  const auto evidence = decoder.decode(bytes, symbols);
  if (!evidence) return fmt::format("error at byte {}: {}\n", evidence.error().offset, message(evidence.error()));
  return evidence_text(*evidence, symbols);
}

std::string evidence_text(const model::Evidence& evidence, const model::Symbols& symbols) {
  if (evidence.trace) return trace_text(evidence);
  return evidence.profile ? profile_text(evidence, symbols) : log_text(evidence, symbols);
}

bool counts_add_up(const model::Evidence& evidence) {
  return std::ranges::all_of(evidence.counts, [](const model::Counts& counts) {
    std::uint64_t sum = counts.kept;
    for (const auto& skipped : counts.skipped) sum += skipped.count;
    return sum == counts.read;
  });
}

}  // namespace gopsy::test
