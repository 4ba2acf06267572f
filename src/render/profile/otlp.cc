#include <map>
#include <unordered_map>

#include "base/pair_table.h"
#include "base/wire_out.h"
#include "render/profile/profile_writer.h"

namespace gopsy::render {
namespace {

using model::Profile;

// Field numbers: opentelemetry/proto/profiles/v1development/profiles.proto, read in August 2026. Row 0 of every table
// of the dictionary is the zero value, so that an index of 0 means "none".
class Writer {
 public:
  explicit Writer(const ProfileDocument& document)
      : profile_(document.profile), symbols_(document.symbols), string_index_(document.symbols.strings.size()) {
    string("");
    for (std::string* table : {&mappings_, &locations_, &functions_, &stacks_, &attributes_}) table->clear();
    WireOut(mappings_).bytes(1, {});
    WireOut(locations_).bytes(2, {});
    WireOut(functions_).bytes(3, {});
    WireOut(attributes_).bytes(6, {});
    WireOut(stacks_).bytes(7, {});
  }

  std::string write() {
    for (const auto& mapping : profile_.mappings) write_mapping(mapping);
    for (const auto& location : profile_.locations) write_location(location);
    for (const auto& function : profile_.functions) write_function(function);
    number_stacks();
    std::string scope;
    write_scope(scope);
    for (std::size_t type = 0; type < profile_.types.size(); ++type) WireOut(scope).bytes(2, profile(type));
    std::string resource;
    WireOut(resource).bytes(2, scope);
    std::string dictionary = mappings_ + locations_ + functions_;
    WireOut(dictionary).bytes(4, {});
    dictionary += strings_ + attributes_ + stacks_;
    std::string out;
    WireOut wire(out);
    wire.bytes(1, resource);
    wire.bytes(2, dictionary);
    return out;
  }

 private:
  std::uint32_t string(std::string_view text) {
    const auto [found, is_new] = strings_by_text_.try_emplace(std::string(text), string_count_);
    if (is_new) {
      WireOut(strings_).bytes(5, text);
      ++string_count_;
    }
    return found->second;
  }
  std::uint32_t string(StringId id) {
    if (id.none()) return 0;
    std::uint32_t& index = string_index_[id.value];
    if (index == 0) index = string(symbols_.text(id));
    return index;
  }

  std::uint32_t attribute(std::uint32_t key, const std::string& value, std::uint32_t unit) {
    std::string row;
    WireOut wire(row);
    wire.optional(1, key);
    wire.bytes(2, value);
    wire.optional(3, unit);
    const auto [found, is_new] = attribute_index_.try_emplace(row, attribute_index_.size() + 1);
    if (is_new) WireOut(attributes_).bytes(6, row);
    return static_cast<std::uint32_t>(found->second);
  }
  std::uint32_t text_attribute(std::uint32_t key, std::string_view text) {
    std::string value;
    WireOut(value).bytes(1, text);
    return attribute(key, value, 0);
  }
  std::uint32_t true_attribute(std::string_view key) {
    std::string value;
    WireOut(value).varint(2, std::uint64_t{1});
    return attribute(string(key), value, 0);
  }
  std::uint32_t label(const Profile::Label& label) {
    if (label.text) return text_attribute(string(label.key), symbols_.text(label.text));
    std::string value;
    WireOut(value).varint(3, label.number);
    return attribute(string(label.key), value, string(label.unit));
  }

  void write_mapping(const Profile::Mapping& mapping) {
    std::vector<std::uint32_t> attributes;
    if (mapping.build_id)
      attributes.push_back(text_attribute(string("process.executable.build_id.gnu"), symbols_.text(mapping.build_id)));
    if (mapping.has_functions) attributes.push_back(true_attribute("pprof.mapping.has_functions"));
    if (mapping.has_filenames) attributes.push_back(true_attribute("pprof.mapping.has_filenames"));
    if (mapping.has_line_numbers) attributes.push_back(true_attribute("pprof.mapping.has_line_numbers"));
    if (mapping.has_inline_frames) attributes.push_back(true_attribute("pprof.mapping.has_inline_frames"));
    std::string row;
    WireOut wire(row);
    wire.optional(1, mapping.start);
    wire.optional(2, mapping.limit);
    wire.optional(3, mapping.offset);
    wire.optional(4, string(mapping.file));
    if (!attributes.empty()) wire.packed(5, attributes);
    WireOut(mappings_).bytes(1, row);
  }

  void write_location(const Profile::Location& location) {
    std::string row;
    WireOut wire(row);
    wire.optional(1, location.mapping == Profile::kNoMapping ? 0 : location.mapping + 1);
    wire.optional(2, location.address);
    for (std::uint32_t i = 0; i < location.line_count; ++i) {
      const auto& line = profile_.lines[location.first_line + i];
      std::string inside;
      WireOut number(inside);
      number.varint(1, std::uint64_t{line.function} + 1);
      number.optional(2, line.line);
      number.optional(3, line.column);
      wire.bytes(3, inside);
    }
    if (location.folded) wire.packed(4, std::vector{true_attribute("pprof.location.is_folded")});
    WireOut(locations_).bytes(2, row);
  }

  void write_function(const Profile::Function& function) {
    std::string row;
    WireOut wire(row);
    wire.optional(1, string(function.name));
    wire.optional(2, string(function.system_name));
    wire.optional(3, string(function.file));
    wire.optional(4, function.start_line);
    WireOut(functions_).bytes(3, row);
  }

  // Equal stacks become one row of the table, whatever their labels.
  void number_stacks() {
    std::unordered_map<std::string, std::uint32_t> known;
    std::uint32_t count = 1;
    for (std::size_t i = 0; i < profile_.sample_count(); ++i) {
      const auto stack = profile_.stack(i);
      if (stack.empty()) {
        stack_of_.push_back(0);
        continue;
      }
      std::string row;
      WireOut indices(row);
      for (const std::uint32_t location : stack) indices.raw(std::uint64_t{location} + 1);
      const auto [found, is_new] = known.try_emplace(std::move(row), count);
      if (is_new) {
        std::string message;
        WireOut(message).bytes(1, found->first);
        WireOut(stacks_).bytes(7, message);
        ++count;
      }
      stack_of_.push_back(found->second);
    }
  }

  std::string value_type(const model::ValueType& type) {
    std::string out;
    WireOut wire(out);
    wire.optional(1, string(type.type));
    wire.optional(2, string(type.unit));
    return out;
  }

  void write_scope(std::string& out) {
    std::string scope;
    WireOut wire(scope);
    wire.bytes(1, "gopsy");
    if (profile_.default_type) {
      std::string value;
      WireOut(value).bytes(1, symbols_.text(profile_.default_type));
      std::string pair;
      WireOut(pair).bytes(1, "pprof.scope.default_sample_type");
      WireOut(pair).bytes(2, value);
      wire.bytes(3, pair);
    }
    WireOut(out).bytes(1, scope);
  }

  std::string sample(std::size_t index, std::size_t type) {
    std::string out;
    WireOut wire(out);
    wire.optional(1, stack_of_[index]);
    std::vector<std::uint32_t> labels;
    for (auto l = profile_.label_start[index]; l < profile_.label_start[index + 1]; ++l)
      labels.push_back(label(profile_.labels[l]));
    if (!labels.empty()) wire.packed(2, labels);
    wire.packed(4, std::vector{profile_.value(index, type)});
    return out;
  }

  std::string profile(std::size_t type) {
    std::string out;
    WireOut wire(out);
    wire.bytes(1, value_type(profile_.types[type]));
    for (std::size_t i = 0; i < profile_.sample_count(); ++i) wire.bytes(2, sample(i, type));
    if (profile_.time_ns != 0) wire.fixed64(3, static_cast<std::uint64_t>(profile_.time_ns));
    wire.optional(4, profile_.duration_ns);
    if (profile_.period_type.type || profile_.period_type.unit) wire.bytes(5, value_type(profile_.period_type));
    wire.optional(6, profile_.period);
    std::vector<std::uint32_t> attributes;
    if (!profile_.comments.empty()) {
      std::string list;
      for (const StringId comment : profile_.comments) {
        std::string value;
        WireOut(value).bytes(1, symbols_.text(comment));
        WireOut(list).bytes(1, value);
      }
      std::string value;
      WireOut(value).bytes(5, list);
      attributes.push_back(attribute(string("pprof.profile.comment"), value, 0));
    }
    const auto text = [&](std::string_view key, StringId id) {
      if (id) attributes.push_back(text_attribute(string(key), symbols_.text(id)));
    };
    text("pprof.profile.drop_frames", profile_.drop_frames);
    text("pprof.profile.keep_frames", profile_.keep_frames);
    text("pprof.profile.doc_url", profile_.doc_url);
    if (!attributes.empty()) wire.packed(11, attributes);
    return out;
  }

  const Profile& profile_;
  const model::Symbols& symbols_;
  std::vector<std::uint32_t> string_index_;
  std::unordered_map<std::string, std::uint32_t> strings_by_text_;
  std::uint32_t string_count_ = 0;
  std::unordered_map<std::string, std::size_t> attribute_index_;
  std::vector<std::uint32_t> stack_of_;
  std::string mappings_;
  std::string locations_;
  std::string functions_;
  std::string strings_;
  std::string attributes_;
  std::string stacks_;
};

}  // namespace

std::string otlp_profile(const ProfileDocument& document) { return Writer(document).write(); }

}  // namespace gopsy::render
