#include <array>

#include "base/format.h"
#include "base/json_writer.h"
#include "cli/catalog.h"
#include "cli/terminal.h"
#include "decode/decoder.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{Flag{"--json", "", "as a JSON array"}};
constexpr std::array kExamples{Example{"gopsy formats", "what --format takes"}};

int run(const Invocation& invocation) {
  std::string out;
  if (invocation.has("json")) {
    JsonWriter json(out);
    json.begin_array();
    for (const auto* decoder : decode::decoders()) {
      json.begin_object();
      json.member("name", decoder->name);
      json.member("title", decoder->title);
      json.member("summary", decoder->summary);
      json.end_object();
    }
    json.end_array();
    out += '\n';
  } else {
    for (const auto* decoder : decode::decoders())
      out += fmt::format("{:<18} {}: {}\n", decoder->name, decoder->title, decoder->summary);
    out += "\nAny of them plain or inside gzip, zstd, tar, zip and folders; - reads standard input.\n";
  }
  print(out);
  return kDone;
}

}  // namespace

constinit const Command kFormats{
    .name = "formats",
    .summary = "list the formats that are read",
    .operands = "",
    .description =
        "One row a decoder. What an input is, is found out by its content; --format NAME of the other commands "
        "overrides.",
    .flags = kFlags,
    .examples = kExamples,
    .run = run,
};

}  // namespace gopsy::cli
