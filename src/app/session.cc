#include "app/session.h"

#include <cstring>

#include "app/process_image.h"
#include "base/format.h"
#include "base/units.h"
#include "decode/decoder.h"

namespace gopsy::app {
namespace {

constexpr std::string_view kNothingLeft =
    "it is empty: nothing was left to read. A process leaves no text if it was killed with SIGKILL (exit code 137), "
    "crashed on a thread that Go does not know "
    "(139, 136), or called os.Exit, in a deferred call too; look at its exit code.";
constexpr std::string_view kNoFormat =
    "no known format fits its first bytes; `gopsy formats` lists them, --format NAME decides";

std::string_view remedy(Errc code) {
  switch (code) {
    case Errc::Truncated: return "fetch it again in full";
    case Errc::Malformed: return "it is damaged";
    case Errc::TooLarge: return "if you trust it, unpack it first, or raise the limit with --max-bytes";
    case Errc::Unsupported:
    case Errc::Io:
    case Errc::Usage: break;
  }
  return {};
}

// A text in a folder that no line of Go's marks and that is no log either: a readme, a source file.
bool is_bystander(const model::Evidence& evidence) {
  return evidence.log && evidence.log->tracebacks.empty() && evidence.log->races.reports.empty() &&
         evidence.log->runtime.empty() && evidence.log->notices.empty() && evidence.time_ns == 0;
}

class Loader {
 public:
  Loader(const LoadOptions& options, model::Incident& incident, Stats& stats)
      : options_(options), incident_(incident), stats_(stats) {}

  void piece(const io::Piece& piece, bool named_by_user) {
    if (options_.on_piece) options_.on_piece(piece.path);
    stats_.count("bytes read", piece.bytes.size());
    if (piece.bytes.empty()) return refuse(piece.path, std::string(kNothingLeft), true);
    if (options_.format.empty() && is_core(piece.bytes)) {
      image(piece.path, "core", piece.bytes.size(),
            [&] { return read_core(piece.bytes, piece.path, options_.executable, incident_.symbols); });
      return;
    }
    const decode::Decoder* decoder =
        options_.format.empty() ? decode::sniff(piece.bytes) : decode::find_decoder(options_.format);
    if (decoder == nullptr) decoder = decode::find_decoder(options_.otherwise);
    if (decoder == nullptr) {
      if (named_by_user) return refuse(piece.path, std::string(kNoFormat), false);
      incident_.passed_over.push_back(piece.path);
      return;
    }
    const auto parts = decoder->split == nullptr ? std::vector{piece.bytes} : decoder->split(piece.bytes);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::string which = parts.size() == 1 ? "" : fmt::format(" (part {} of {})", i + 1, parts.size());
      part(piece, *decoder, parts[i], piece.path + which, named_by_user);
    }
  }

  void process(const std::string& name, std::uint32_t pid) {
    if (options_.on_piece) options_.on_piece(name);
    image(name, "process", 0, [&] { return read_process(pid, options_.executable, incident_.symbols); });
  }

  void unreachable(const std::string& name, std::string why) { refuse(name, std::move(why), false); }
  void refused(const io::Refused& refused) { refuse(refused.path, explain(refused.error, "file"), false); }

 private:
  template <class Read>
  void image(const std::string& path, std::string_view format, std::uint64_t bytes, const Read& read) {
    Stats::Timer timer(stats_, "process image");
    auto evidence = read();
    if (!evidence) return refuse(path, std::move(evidence.error()), false);
    evidence->path = path;
    evidence->format = format;
    evidence->bytes = bytes;
    keep(*std::move(evidence));
  }

  void keep(model::Evidence evidence) {
    if (options_.take && options_.take(evidence)) return;
    incident_.evidence.push_back(std::move(evidence));
  }

  void part(const io::Piece& piece, const decode::Decoder& decoder, std::string_view bytes, std::string path,
            bool named_by_user) {
    Stats::Timer timer(stats_, decoder.name);
    // A mapped file gives its pages back behind the reader.
    std::size_t dropped = 0;
    const auto passed = [&](std::size_t end) {
      piece.file->drop_pages(bytes.substr(dropped, end - dropped));
      dropped = end;
    };
    auto evidence = piece.file != nullptr && decoder.decode_in_steps != nullptr
                        ? decoder.decode_in_steps(bytes, incident_.symbols, passed)
                        : decoder.decode(bytes, incident_.symbols);
    if (!evidence) {
      Error error = evidence.error();
      error.offset += static_cast<std::uint64_t>(bytes.data() - piece.bytes.data());
      std::string why = explain(error, decoder.title);
      if (error.code == Errc::Malformed && !options_.format.empty())
        why += fmt::format(", or has another format than --format {}", decoder.name);
      return refuse(path, std::move(why), false);
    }
    if (!named_by_user && is_bystander(*evidence)) {
      incident_.passed_over.push_back(std::move(path));
      return;
    }
    evidence->path = std::move(path);
    evidence->format = decoder.name;
    evidence->bytes = bytes.size();
    if (piece.truncated)
      evidence->cut = fmt::format("the compressed stream is cut off or damaged; {} came out before that.",
                                  human_bytes(piece.bytes.size()));
    keep(*std::move(evidence));
  }

  void refuse(const std::string& path, std::string message, bool empty) {
    incident_.unreadable.push_back({.path = path, .message = std::move(message), .empty = empty});
  }

  const LoadOptions& options_;
  model::Incident& incident_;
  Stats& stats_;
};

}  // namespace

std::string explain(const Error& error, std::string_view what_it_is) {
  if (error.code == Errc::Io) {
    const std::string reason = error.a == 0 ? message(error) : std::strerror(static_cast<int>(error.a));
    return error.a == ENOENT ? fmt::format("{}: check the path", reason) : reason;
  }
  std::string text = fmt::format("byte {} of the {}: {}", with_commas(error.offset), what_it_is, message(error));
  if (const auto hint = remedy(error.code); !hint.empty()) text += fmt::format("; {}", hint);
  return text;
}

void load(const std::vector<std::string>& what, const LoadOptions& options, model::Incident& incident, Stats& stats) {
  Stats::Timer timer(stats, "load");
  Loader loader(options, incident, stats);
  for (const std::uint32_t pid : options.pids) loader.process(fmt::format("process {}", pid), pid);
  for (const std::string& name : what) {
    const auto each = [&](const io::Piece& piece) { loader.piece(piece, piece.path == name); };
    if (const auto pid = process_number(name)) {
      loader.process(fmt::format("process {}", *pid), *pid);
      continue;
    }
    const auto fetched = options.fetch ? options.fetch(name) : std::nullopt;
    if (fetched && !*fetched) {
      loader.unreachable(name, fetched->error());
      continue;
    }
    const auto refused =
        fetched ? io::open_bytes(name, (*fetched)->view(), options.limits, each) : io::open(name, options.limits, each);
    for (const auto& row : refused) loader.refused(row);
  }
}

}  // namespace gopsy::app
