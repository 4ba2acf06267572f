#include "base/format.h"
#include "base/json_writer.h"
#include "render/profile/frames.h"
#include "render/profile/profile_writer.h"

namespace gopsy::render {
namespace {

// The units that speedscope knows; all else is a plain number.
std::string_view unit_of(std::string_view unit) {
  for (const std::string_view known : {"nanoseconds", "microseconds", "milliseconds", "seconds", "bytes"})
    if (unit == known || (unit.size() + 1 == known.size() && known.starts_with(unit))) return known;
  return "none";
}

class Writer {
 public:
  explicit Writer(const ProfileDocument& document)
      : document_(document), profile_(document.profile), frames_(document.profile, document.symbols) {}

  std::string write() {
    out_ = R"({"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"gopsy","name":)";
    out_ += json_string(document_.title);
    fmt::format_to(end(), R"(,"activeProfileIndex":{},"shared":{{"frames":[)", profile_.default_column());
    write_frames();
    out_ += "]},\"profiles\":[";
    write_samples();
    for (std::size_t type = 0; type < profile_.types.size(); ++type) write_profile(type);
    out_ += "]}\n";
    return std::move(out_);
  }

 private:
  std::back_insert_iterator<std::string> end() { return std::back_inserter(out_); }

  void write_frames() {
    bool first = true;
    for (const auto& frame : frames_.all()) {
      out_ += first ? "\n{\"name\":" : ",\n{\"name\":";
      first = false;
      out_ += json_string(frame.name);
      if (!frame.file.empty()) (out_ += ",\"file\":") += json_string(frame.file);
      if (frame.line != 0) fmt::format_to(end(), ",\"line\":{}", frame.line);
      if (frame.column != 0) fmt::format_to(end(), ",\"col\":{}", frame.column);
      out_ += '}';
    }
  }

  // The stacks, which all types share.
  void write_samples() {
    for (std::size_t i = 0; i < profile_.sample_count(); ++i) {
      samples_ += i == 0 ? "[" : ",[";
      bool first = true;
      frames_.walk(i, [&](std::uint32_t frame) {
        if (!first) samples_ += ',';
        first = false;
        fmt::format_to(std::back_inserter(samples_), "{}", frame);
      });
      samples_ += ']';
    }
  }

  void write_profile(std::size_t type) {
    const auto& what = profile_.types[type];
    std::uint64_t sum = 0;
    std::string weights;
    for (std::size_t i = 0; i < profile_.sample_count(); ++i) {
      const std::int64_t value = profile_.value(i, type);
      fmt::format_to(std::back_inserter(weights), "{}{}", i == 0 ? "" : ",", value);
      sum += static_cast<std::uint64_t>(value);
    }
    out_ += type == 0 ? "\n{\"type\":\"sampled\",\"name\":" : ",\n{\"type\":\"sampled\",\"name\":";
    out_ += json_string(document_.symbols.text(what.type));
    fmt::format_to(end(), ",\"unit\":\"{}\",\"startValue\":0,\"endValue\":{},\"samples\":[",
                   unit_of(document_.symbols.text(what.unit)), static_cast<std::int64_t>(sum));
    out_ += samples_;
    out_ += "],\"weights\":[";
    out_ += weights;
    out_ += "]}";
  }

  const ProfileDocument& document_;
  const model::Profile& profile_;
  ProfileFrames frames_;
  std::string samples_;
  std::string out_;
};

}  // namespace

std::string speedscope_profile(const ProfileDocument& document) { return Writer(document).write(); }

}  // namespace gopsy::render
