#include <array>
#include <iostream>

#include "app/pprof/programs.h"
#include "app/pprof/settings.h"
#include "base/format.h"
#include "cli/catalog.h"
#include "cli/pprof/flags.h"
#include "cli/pprof/output.h"
#include "cli/pprof/shell.h"
#include "cli/terminal.h"
#include "serve/http_server.h"
#include "serve/pprof_site.h"

namespace gopsy::cli {
namespace {

constexpr std::array kExamples{
    Example{"gopsy pprof -top cpu.pb.gz", "the heaviest functions"},
    Example{"gopsy pprof -peek='json\\.' -lines cpu.pb.gz", "callers and callees, line by line"},
    Example{"gopsy pprof -top -diff_base=old.pb.gz new.pb.gz", "what changed"},
    Example{"gopsy pprof -top -seconds=5 localhost:6060", "five seconds of a live process"},
    Example{"gopsy pprof cpu.pb.gz", "the interactive shell"},
};

std::string details() {
  std::string out = "Reports:\n";
  for (const auto& report : pprof::report_names())
    out +=
        fmt::format("  -{:<22} {}\n", std::string(report.name) + (report.takes_expression ? "=RE" : ""), report.help);
  out += "\nSettings:\n";
  for (const auto& setting : pprof::settings()) {
    const std::string name = setting.choices.empty() ? std::string(setting.name) : std::string(setting.choices);
    out += fmt::format("  -{:<22} {}\n", name, setting.help);
  }
  out += "\nSources and others:\n";
  for (const auto& flag : pprof::other_flags())
    out += fmt::format("  -{:<22} {}\n", std::string(flag.name) + (flag.takes_value ? "=..." : ""), flag.help);
  return out;
}

// Comes back only with an error.
std::string serve_pages(pprof::Session& session, const pprof::CommandLine& line, const pprof::Notice& notice) {
  auto server = serve::HttpServer::listen(line.http);
  if (!server) return server.error();
  const std::string url = "http://" + server->address();
  notice("Serving web UI on " + url);
  if (line.opens_browser && !pprof::show_with(pprof::kBrowsers, url)) notice("no browser could be started");
  pprof::Site site(session, line.config);
  server->run([&](const serve::Question& question) { return site.answer(question); });
}

int run_pprof(const std::vector<std::string>& words) {
  const auto line = pprof::parse_flags(words);
  const auto notice = [](std::string_view text) { std::cerr << text << '\n'; };
  const auto fail = [&](const std::string& error) {
    notice("pprof: " + error);
    return kUsage;
  };
  if (!line) return fail(line.error() + "; `gopsy pprof --help` explains");
  for (const std::string& text : line->notices) notice(text);
  auto session = pprof::Session::open(line->source, notice);
  if (!session) return fail(session.error());
  if (!line->http.empty()) {
    const auto error = serve_pages(*session, *line, notice);
    return fail(error);
  }
  if (line->command.empty()) {
    pprof::run_shell(*session, line->config, notice);
    return kDone;
  }
  const auto* report = pprof::find_report(line->command[0]);
  const bool streams = pprof::ReportStream::takes(*report, line->config);
  pprof::ReportStream stream(*report, line->config, notice);
  const auto drain = [&](std::string_view piece) { stream.write(piece); };
  auto bytes =
      session->last_report(line->command, line->config, notice, streams ? pprof::Notice(drain) : pprof::Notice());
  if (!bytes) return fail(bytes.error());
  const auto done =
      stream.started() ? stream.finish(*bytes) : pprof::deliver(*report, *std::move(bytes), line->config, notice);
  return done ? kDone : fail(done.error());
}

}  // namespace

constinit const Command kPprof{
    .name = "pprof",
    .summary = "reports of profiles, with the flags and the output of go tool pprof",
    .operands = "[FLAGS] [BINARY] PROFILE...",
    .description =
        "A drop-in for go tool pprof: the same flags, with one dash or two, and the same text. Several "
        "profiles are merged; a URL or a HOST:PORT is fetched. Without a report's flag it is a shell.",
    .examples = kExamples,
    .needs_operand = true,
    .run_raw = run_pprof,
    .details = details,
};

}  // namespace gopsy::cli
