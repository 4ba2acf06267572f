#include <unordered_map>

#include "base/format.h"
#include "base/json_writer.h"
#include "base/pair_table.h"
#include "render/profile/frames.h"
#include "render/profile/profile_writer.h"

namespace gopsy::render {
namespace {

// Version 48 of the processed format, which newer readers upgrade: docs-developer/CHANGELOG-formats.md there.
constexpr unsigned kVersion = 48;

// A list of numbers, or of nulls where there is none.
class Column {
 public:
  void add(std::int64_t number) { fmt::format_to(next(), "{}", number); }
  void add_real(double number) { fmt::format_to(next(), "{}", number); }
  void add_null() { fmt::format_to(next(), "null"); }
  void add_text(std::string_view text) {
    next();
    text_ += json_string(text);
  }
  [[nodiscard]] std::string str() const { return '[' + text_ + ']'; }

 private:
  std::back_insert_iterator<std::string> next() {
    if (!text_.empty()) text_ += ',';
    return std::back_inserter(text_);
  }
  std::string text_;
};

std::string repeated(std::string_view value, std::size_t count) {
  std::string out = "[";
  for (std::size_t i = 0; i < count; ++i) (out += i == 0 ? "" : ",") += value;
  return out + ']';
}

class Writer {
 public:
  explicit Writer(const ProfileDocument& document)
      : document_(document), profile_(document.profile), frames_(document.profile, document.symbols) {}

  std::string write() {
    make_stacks();
    make_functions();
    std::string out = fmt::format(
        R"({{"meta":{{"version":27,"preprocessedProfileVersion":{},"interval":1,"startTime":{},"processType":0,)"
        R"("product":{},"stackwalk":1,"debug":false,"categories":[{{"name":"Other","color":"grey",)"
        R"("subcategories":["Other"]}}],"markerSchema":[],"importedFrom":"gopsy"}},"libs":[],"threads":[)",
        kVersion, profile_.time_ns / 1'000'000, json_string(document_.title));
    for (std::size_t type = 0; type < profile_.types.size(); ++type) {
      if (type != 0) out += ',';
      write_thread(type, out);
    }
    return out + "]}\n";
  }

 private:
  std::int64_t string(std::string_view text) {
    const auto [found, is_new] = string_ids_.try_emplace(std::string(text), string_ids_.size());
    if (is_new) strings_.add_text(text);
    return static_cast<std::int64_t>(found->second);
  }

  void make_stacks() {
    PairTable table;
    for (std::size_t i = 0; i < profile_.sample_count(); ++i) {
      std::uint32_t at = 0;  // + 1; 0 = none
      frames_.walk(i, [&](std::uint32_t frame) {
        const auto [number, is_new] = table.number(at, frame);
        if (is_new) {
          if (at == 0) {
            prefixes_.add_null();
          } else {
            prefixes_.add(at - 1);
          }
          stack_frames_.add(frame);
        }
        at = number;
      });
      stacks_.push_back(at);
    }
    stack_count_ = table.size();
  }

  // One function a name and file, as the reader's call tree has one row for it.
  void make_functions() {
    std::unordered_map<std::string, std::int64_t> known;
    for (const auto& frame : frames_.all()) {
      const auto [found, is_new] =
          known.try_emplace(frame.name + '\n' + std::string(frame.file), static_cast<std::int64_t>(known.size()));
      if (is_new) {
        function_names_.add(string(frame.name));
        if (frame.file.empty()) {
          function_files_.add_null();
        } else {
          function_files_.add(string(frame.file));
        }
      }
      frame_functions_.add(found->second);
      frame_depths_.add(frame.inline_depth);
      if (frame.line > 0) {
        frame_lines_.add(frame.line);
      } else {
        frame_lines_.add_null();
      }
    }
    function_count_ = known.size();
  }

  void write_samples(std::size_t type, std::string& out) {
    const std::string_view unit = document_.symbols.text(profile_.types[type].unit);
    const bool time = unit == "nanoseconds";
    Column stacks;
    Column times;
    Column weights;
    for (std::size_t i = 0; i < profile_.sample_count(); ++i) {
      if (stacks_[i] == 0) {
        stacks.add_null();
      } else {
        stacks.add(stacks_[i] - 1);
      }
      times.add(static_cast<std::int64_t>(i));
      const std::int64_t value = profile_.value(i, type);
      if (time) {
        weights.add_real(static_cast<double>(value) / 1e6);
      } else {
        weights.add(value);
      }
    }
    fmt::format_to(std::back_inserter(out),
                   R"("samples":{{"length":{},"stack":{},"time":{},"weight":{},"weightType":"{}"}},)",
                   profile_.sample_count(), stacks.str(), times.str(), weights.str(),
                   time ? "tracing-ms" : (unit == "bytes" ? "bytes" : "samples"));
  }

  void write_thread(std::size_t type, std::string& out) {
    const std::size_t frames = frames_.all().size();
    fmt::format_to(std::back_inserter(out),
                   R"({{"processType":"default","processName":{},"name":{},"isMainThread":{},"processStartupTime":0,)"
                   R"("processShutdownTime":null,"registerTime":0,"unregisterTime":null,"pausedRanges":[],"pid":"1",)"
                   R"("tid":{},"markers":{{"length":0,"category":[],"data":[],"endTime":[],"name":[],"phase":[],)"
                   R"("startTime":[]}},)",
                   json_string(document_.title), json_string(document_.symbols.text(profile_.types[type].type)),
                   type == profile_.default_column(), type + 1);
    write_samples(type, out);
    const std::string frame_nulls = repeated("null", frames);
    const std::string frame_zeros = repeated("0", frames);
    fmt::format_to(std::back_inserter(out),
                   R"("stackTable":{{"length":{0},"prefix":{1},"frame":{2},"category":{3},"subcategory":{3}}},)",
                   stack_count_, prefixes_.str(), stack_frames_.str(), repeated("0", stack_count_));
    fmt::format_to(std::back_inserter(out),
                   R"("frameTable":{{"length":{0},"address":{1},"inlineDepth":{2},"category":{3},"subcategory":{3},)"
                   R"("func":{4},"nativeSymbol":{5},"innerWindowID":{3},"implementation":{5},"line":{6},)"
                   R"("column":{5}}},)",
                   frames, repeated("-1", frames), frame_depths_.str(), frame_zeros, frame_functions_.str(),
                   frame_nulls, frame_lines_.str());
    fmt::format_to(std::back_inserter(out),
                   R"("funcTable":{{"length":{0},"name":{1},"isJS":{2},"relevantForJS":{2},"resource":{3},)"
                   R"("fileName":{4},"lineNumber":{5},"columnNumber":{5}}},)",
                   function_count_, function_names_.str(), repeated("false", function_count_),
                   repeated("-1", function_count_), function_files_.str(), repeated("null", function_count_));
    out += R"("resourceTable":{"length":0,"lib":[],"name":[],"host":[],"type":[]},)"
           R"("nativeSymbols":{"length":0,"address":[],"functionSize":[],"libIndex":[],"name":[]},"stringArray":)";
    out += strings_.str();
    out += '}';
  }

  const ProfileDocument& document_;
  const model::Profile& profile_;
  ProfileFrames frames_;
  std::unordered_map<std::string, std::size_t> string_ids_;
  Column strings_;
  std::vector<std::uint32_t> stacks_;  // by sample: stack + 1
  std::uint32_t stack_count_ = 0;
  Column prefixes_;
  Column stack_frames_;
  Column frame_functions_;
  Column frame_depths_;
  Column frame_lines_;
  std::size_t function_count_ = 0;
  Column function_names_;
  Column function_files_;
};

}  // namespace

std::string firefox_profile(const ProfileDocument& document) { return Writer(document).write(); }

}  // namespace gopsy::render
