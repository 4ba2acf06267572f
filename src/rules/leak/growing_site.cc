#include <algorithm>

#include "analyze/leaks.h"
#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

using analyze::Growth;
using analyze::SiteGrowth;

constexpr std::size_t kSitesTold = 5;

bool told_by_abandoned_sender(const Inquiry& inquiry, const SiteGrowth& site) {
  return std::ranges::any_of(inquiry.places, [&](const auto& place) {
    const auto& largest = place.largest();
    return largest.created_by == site.function && largest.created_line == site.line &&
           analyze::is_abandoned_send(largest);
  });
}

std::string place_of(const SiteGrowth& site, const model::Symbols& symbols) {
  return at(symbols, model::TracebackFrame{.function = site.function, .file = site.file, .line = site.line});
}

std::string counts_of(const SiteGrowth& site, std::size_t from) {
  std::string words;
  for (std::size_t i = from; i < site.counts.size(); ++i)
    words += fmt::format("{}{}", words.empty() ? "" : " → ", with_commas(site.counts[i]));
  return words;
}

Finding explain(Inquiry& inquiry, const Growth& growth, const SiteGrowth& site, std::size_t from) {
  const auto& symbols = inquiry.incident.symbols;
  const auto& snapshots = inquiry.snapshots();
  Finding finding{.confidence = growth.has_ids ? 0.9 : 0.7};
  const std::string rate = growth.minutes && *growth.minutes > 0
                               ? fmt::format(", {:+.3g} a minute", static_cast<double>(site.change()) / *growth.minutes)
                               : "";
  finding.title =
      fmt::format("Goroutines {} {} grow from dump to dump: {}{}", growth.has_ids ? "made in" : "started with",
                  place_of(site, symbols), counts_of(site, from), rate);
  for (std::size_t i = from; i < site.counts.size(); ++i)
    finding.evidence.push_back({.text = fmt::format("{} of {}", with_commas(site.counts[i]),
                                                    counted(snapshots[growth.order[i]].total, "goroutine")),
                                .path = snapshots[growth.order[i]].name});
  const auto& sample_in = snapshots[growth.order[site.sample_in]];
  const auto row = static_cast<std::size_t>(site.sample - sample_in.traceback->goroutines.data());
  const auto* user = sample_in.facts[row].user;
  finding.evidence.push_back({.text = fmt::format("one of them: [{}]{}", symbols.text(site.sample->state),
                                                  user == nullptr ? "" : " in " + at(symbols, *user)),
                              .path = sample_in.evidence->path,
                              .line = site.sample->log_line,
                              .goroutine = site.sample->id});
  std::uint64_t ended = 0;
  std::uint64_t fresh = 0;
  for (std::size_t step = from; step + 1 < site.counts.size(); ++step) {
    ended += site.turnover[step].ended;
    fresh += site.turnover[step].fresh;
  }
  if (growth.has_ids) {
    finding.why = fmt::format(
        "By their numbers, {} of the {} of the earlier dump ended and {} new ones came. Work that is merely more would "
        "end "
        "and be replaced; these stay. The dumps are of one process: goroutines of the same number were started at the "
        "same "
        "place.",
        ended == 0 ? std::string("none") : with_commas(ended), with_commas(site.counts[from]), with_commas(fresh));
  } else {
    finding.why = fmt::format(
        "The number never falls over {} profiles, and gains more than chance gives. Profiles have no goroutine "
        "numbers, so "
        "load that only rose in between looks the same.",
        site.counts.size() - from);
  }
  finding.confirm =
      "A third dump later, at the same load or less: they must not have gone. On Go 1.26 and later the "
      "goroutineleak profile proves those that nothing can wake.";
  finding.fix = fmt::format(
      "See what one of them waits for, and make {} tell it to stop: a context that is cancelled, a channel "
      "that is closed, a connection that is closed or has a deadline.",
      model::short_function(symbols.text(site.function)));
  finding.next = fmt::format(
      "gopsy goroutines {} --filter {}", shell_word(sample_in.evidence->path),
      shell_word(fmt::format("{} == \"{}\"", growth.has_ids ? "created" : "func", symbols.text(site.function))));
  return finding;
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const Growth& growth : inquiry.growth()) {
    std::size_t told = 0;
    for (const SiteGrowth& site : growth.sites) {
      const auto verdict = analyze::judge(growth, site);
      if (!verdict.grows || told_by_abandoned_sender(inquiry, site)) continue;
      if (++told > kSitesTold) break;
      findings.push_back(explain(inquiry, growth, site, verdict.from));
    }
  }
}

}  // namespace

constinit const Rule kGrowingSite{
    .id = "leak.growing-site",
    .severity = Severity::Warning,
    .summary = "goroutines made at one place grow from dump to dump",
    .run = run,
};

}  // namespace gopsy::rules
