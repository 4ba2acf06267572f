#include "base/format.h"
#include "base/json_writer.h"
#include "render/profile/frames.h"
#include "render/profile/profile_writer.h"

namespace gopsy::render {
namespace {

using model::Profile;

class Writer {
 public:
  explicit Writer(const ProfileDocument& document)
      : profile_(document.profile), symbols_(document.symbols), frames_(document.profile, document.symbols) {}

  std::string write() {
    out_ = "{\"schema\":\"gopsy.profile/1\"";
    out_ += ",\"types\":[";
    for (std::size_t i = 0; i < profile_.types.size(); ++i) type(i == 0 ? "" : ",", profile_.types[i]);
    type("],\"period_type\":", profile_.period_type);
    fmt::format_to(end(), ",\"period\":{},\"time_ns\":{},\"duration_ns\":{}", profile_.period, profile_.time_ns,
                   profile_.duration_ns);
    text(",\"default_type\":", profile_.types.empty() ? StringId{} : profile_.types[profile_.default_column()].type);
    text(",\"drop_frames\":", profile_.drop_frames);
    text(",\"keep_frames\":", profile_.keep_frames);
    text(",\"doc_url\":", profile_.doc_url);
    out_ += ",\"comments\":[";
    for (std::size_t i = 0; i < profile_.comments.size(); ++i) text(i == 0 ? "" : ",", profile_.comments[i]);
    out_ += "],\"mappings\":[";
    for (std::size_t i = 0; i < profile_.mappings.size(); ++i) mapping(i == 0 ? "\n{" : ",\n{", profile_.mappings[i]);
    out_ += "],\"frames\":[";
    for (std::size_t i = 0; i < frames_.all().size(); ++i) frame(i == 0 ? "\n" : ",\n", frames_.all()[i]);
    out_ += "],\"samples\":[";
    for (std::size_t i = 0; i < profile_.sample_count(); ++i) sample(i);
    out_ += "]}\n";
    return std::move(out_);
  }

 private:
  std::back_insert_iterator<std::string> end() { return std::back_inserter(out_); }

  void text(std::string_view before, StringId id) {
    out_ += before;
    out_ += json_string(symbols_.text(id));
  }

  void type(std::string_view before, const model::ValueType& type) {
    text(fmt::format("{}{{\"type\":", before), type.type);
    text(",\"unit\":", type.unit);
    out_ += '}';
  }

  void mapping(std::string_view before, const Profile::Mapping& mapping) {
    fmt::format_to(end(), "{}\"start\":\"{:#x}\",\"limit\":\"{:#x}\",\"offset\":\"{:#x}\"", before, mapping.start,
                   mapping.limit, mapping.offset);
    text(",\"file\":", mapping.file);
    text(",\"build_id\":", mapping.build_id);
    out_ += '}';
  }

  void frame(std::string_view before, const ProfileFrames::Frame& frame) {
    fmt::format_to(end(), "{}{{\"function\":{},\"file\":{},\"line\":{},\"inlined\":{}}}", before,
                   json_string(frame.name), json_string(frame.file), frame.line, frame.inline_depth != 0);
  }

  void sample(std::size_t index) {
    out_ += index == 0 ? "\n{\"stack\":[" : ",\n{\"stack\":[";
    bool first = true;
    frames_.walk(index, [&](std::uint32_t frame) {
      if (!first) out_ += ',';
      first = false;
      fmt::format_to(end(), "{}", frame);
    });
    out_ += "],\"values\":[";
    for (std::size_t t = 0; t < profile_.types.size(); ++t)
      fmt::format_to(end(), "{}{}", t == 0 ? "" : ",", profile_.value(index, t));
    out_ += ']';
    const auto from = profile_.label_start[index];
    const auto to = profile_.label_start[index + 1];
    if (from != to) out_ += ",\"labels\":[";
    for (auto l = from; l < to; ++l) {
      const auto& label = profile_.labels[l];
      text(l == from ? "{\"key\":" : ",{\"key\":", label.key);
      if (label.text) {
        text(",\"text\":", label.text);
      } else {
        fmt::format_to(end(), ",\"number\":{}", label.number);
        text(",\"unit\":", label.unit);
      }
      out_ += '}';
    }
    out_ += from == to ? "}" : "]}";
  }

  const Profile& profile_;
  const model::Symbols& symbols_;
  ProfileFrames frames_;
  std::string out_;
};

}  // namespace

std::string json_profile(const ProfileDocument& document) { return Writer(document).write(); }

}  // namespace gopsy::render
