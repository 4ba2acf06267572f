#include "render/profile/pprof_writer.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/wire_out.h"

namespace gopsy::render {
namespace {

using Label = model::Profile::Label;

// The string table in the making: strings are numbered in the order they are asked for.
class Strings {
 public:
  explicit Strings(const model::Symbols& symbols) : symbols_(symbols), index_(symbols.strings.size()) {
    order_.emplace_back();
  }

  std::uint64_t index(StringId id) {
    if (id.none()) return 0;
    std::uint32_t& index = index_[id.value];
    if (index == 0) {
      index = static_cast<std::uint32_t>(order_.size());
      order_.push_back(id);
    }
    return index;
  }

  void write(WireOut& wire) const {
    for (const StringId id : order_) wire.bytes(6, symbols_.text(id));
  }

 private:
  const model::Symbols& symbols_;
  std::vector<std::uint32_t> index_;
  std::vector<StringId> order_;
};

// The id of a location as the varint it will be, so that a frame costs one copy of a fixed size.
struct EncodedId {
  char bytes[12] = {};
  std::uint32_t size = 0;
};
static_assert(sizeof(EncodedId) == 16);

class SampleWriter {
 public:
  SampleWriter(const model::Profile& profile, const model::Symbols& symbols, Strings& strings, std::string& out)
      : profile_(profile), symbols_(symbols), strings_(strings), out_(out), ids_(profile.locations.size()) {
    for (std::size_t i = 0; i < ids_.size(); ++i)
      ids_[i].size = static_cast<std::uint32_t>(WireOut::put(ids_[i].bytes, profile.locations[i].id) - ids_[i].bytes);
  }

  void write(std::size_t sample) {
    const auto stack = profile_.stack(sample);
    const auto values = std::span(profile_.values).subspan(sample * profile_.types.size(), profile_.types.size());
    // A header of two fields before the numbers and one between them, none longer than 11 bytes.
    buffer_.resize(std::max(buffer_.size(), stack.size() * kMostBytes + values.size() * kMostBytes + 64));
    char* const begin = buffer_.data();
    char* at = begin;
    at = stack.with_span([&](const auto locations) {
      return put_numbers(at, 1, locations.size(), [&](char* to, std::size_t i) {
        const EncodedId& id = ids_[locations[i]];
        std::memcpy(to, id.bytes, sizeof id.bytes);
        return to + id.size;
      });
    });
    at = put_numbers(at, 2, values.size(),
                     [&](char* to, std::size_t i) { return WireOut::put(to, static_cast<std::uint64_t>(values[i])); });
    const auto numbers = static_cast<std::size_t>(at - begin);
    labels_.clear();
    put_labels(sample);
    WireOut wire(out_);
    wire.raw(2 << 3 | 2);
    wire.raw(numbers + labels_.size());
    out_.append(begin, numbers);
    out_ += labels_;
  }

 private:
  // A copied id and a varint, either with its tag.
  static constexpr std::size_t kMostBytes = 13;

  template <class Put>
  char* put_numbers(char* at, char field, std::size_t count, Put&& put) {
    if (count <= 2) {
      for (std::size_t i = 0; i < count; ++i) {
        *at++ = static_cast<char>(field << 3);
        at = put(at, i);
      }
      return at;
    }
    // Written where it comes to stand if its length takes one byte, as it does up to about 60 frames.
    char* const header = at;
    *at++ = static_cast<char>(field << 3 | 2);
    char* const content = header + 2;
    at = content;
    for (std::size_t i = 0; i < count; ++i) at = put(at, i);
    const auto size = static_cast<std::size_t>(at - content);
    char length[10];
    const auto length_size = static_cast<std::size_t>(WireOut::put(length, size) - length);
    if (length_size > 1) std::memmove(header + 1 + length_size, content, size);
    std::memcpy(header + 1, length, length_size);
    return header + 1 + length_size + size;
  }

  void put_labels(std::size_t sample) {
    const auto first = profile_.label_start[sample];
    const auto count = profile_.label_start[sample + 1] - first;
    if (count == 0) return;
    sorted_.assign(profile_.labels.begin() + static_cast<std::ptrdiff_t>(first),
                   profile_.labels.begin() + static_cast<std::ptrdiff_t>(first + count));
    if (count > 1) {
      std::ranges::stable_sort(sorted_, [&](const Label& a, const Label& b) {
        if (a.text.none() != b.text.none()) return b.text.none();
        return a.key != b.key && symbols_.text(a.key) < symbols_.text(b.key);
      });
    }
    for (const Label& label : sorted_) {
      label_.clear();
      WireOut wire(label_);
      wire.optional(1, strings_.index(label.key));
      wire.optional(2, strings_.index(label.text));
      if (label.text.none()) {
        wire.optional(3, label.number);
        wire.optional(4, strings_.index(label.unit));
      }
      WireOut(labels_).bytes(3, label_);
    }
  }

  const model::Profile& profile_;
  const model::Symbols& symbols_;
  Strings& strings_;
  std::string& out_;
  std::vector<EncodedId> ids_;
  std::vector<char> buffer_;
  std::vector<Label> sorted_;
  std::string labels_;
  std::string label_;
};

// The sizes of everything, roughly and not too low, so that the text grows without being copied; memory that is not
// written to is never taken.
std::size_t room_for(const model::Profile& profile) {
  return profile.stack_locations.size() * 3 + profile.values.size() * 6 + profile.sample_count() * 12 +
         profile.labels.size() * 12 + profile.locations.size() * 32 + profile.functions.size() * 96 + 4096;
}

constexpr std::size_t kPiece = std::size_t{4} << 20;

class ProfileWriter {
 public:
  ProfileWriter(const model::Profile& profile, const model::Symbols& symbols)
      : profile_(profile), symbols_(symbols), strings_(symbols) {}

  // With a drain, what is left of the profile at its end.
  std::string write(const ProfileDrain& drain) {
    out_.reserve(drain ? std::min(room_for(profile_), kPiece + kPiece / 4) : room_for(profile_));
    for (const auto& type : profile_.types) value_type(1, type);
    SampleWriter samples(profile_, symbols_, strings_, out_);
    for (std::size_t i = 0; i < profile_.sample_count(); ++i) {
      samples.write(i);
      if (!drain || out_.size() < kPiece) continue;
      drain(out_);
      out_.clear();
    }
    write_mappings();
    write_locations();
    write_functions();
    write_header();
    return std::move(out_);
  }

 private:
  void value_type(std::uint32_t field, const model::ValueType& type) {
    message_.clear();
    WireOut inside(message_);
    inside.optional(1, strings_.index(type.type));
    inside.optional(2, strings_.index(type.unit));
    wire_.bytes(field, message_);
  }

  void write_mappings() {
    for (const auto& mapping : profile_.mappings) {
      message_.clear();
      WireOut inside(message_);
      inside.optional(1, mapping.id);
      inside.optional(2, mapping.start);
      inside.optional(3, mapping.limit);
      inside.optional(4, mapping.offset);
      inside.optional(5, strings_.index(mapping.file));
      inside.optional(6, strings_.index(mapping.build_id));
      inside.optional(7, mapping.has_functions ? 1 : 0);
      inside.optional(8, mapping.has_filenames ? 1 : 0);
      inside.optional(9, mapping.has_line_numbers ? 1 : 0);
      inside.optional(10, mapping.has_inline_frames ? 1 : 0);
      wire_.bytes(3, message_);
    }
  }

  void write_locations() {
    std::string line;
    for (const auto& location : profile_.locations) {
      message_.clear();
      WireOut inside(message_);
      inside.optional(1, location.id);
      inside.optional(2, location.mapping == model::Profile::kNoMapping ? 0 : profile_.mappings[location.mapping].id);
      inside.optional(3, location.address);
      for (std::uint32_t i = 0; i < location.line_count; ++i) {
        const auto& row = profile_.lines[location.first_line + i];
        line.clear();
        WireOut number(line);
        number.optional(1, profile_.functions[row.function].id);
        number.optional(2, row.line);
        number.optional(3, row.column);
        inside.bytes(4, line);
      }
      inside.optional(5, location.folded ? 1 : 0);
      wire_.bytes(4, message_);
    }
  }

  void write_functions() {
    for (const auto& function : profile_.functions) {
      message_.clear();
      WireOut inside(message_);
      inside.optional(1, function.id);
      inside.optional(2, strings_.index(function.name));
      inside.optional(3, strings_.index(function.system_name));
      inside.optional(4, strings_.index(function.file));
      inside.optional(5, function.start_line);
      wire_.bytes(5, message_);
    }
  }

  // The strings stand before the numbers that name the last of them, and so everything is numbered first.
  void write_header() {
    const std::uint64_t drop = strings_.index(profile_.drop_frames);
    const std::uint64_t keep = strings_.index(profile_.keep_frames);
    const std::uint64_t period_type = strings_.index(profile_.period_type.type);
    const std::uint64_t period_unit = strings_.index(profile_.period_type.unit);
    std::vector<std::uint64_t> comments;
    for (const StringId comment : profile_.comments) comments.push_back(strings_.index(comment));
    const std::uint64_t default_type = strings_.index(profile_.default_type);
    const std::uint64_t doc_url = strings_.index(profile_.doc_url);
    strings_.write(wire_);
    wire_.optional(7, drop);
    wire_.optional(8, keep);
    wire_.optional(9, profile_.time_ns);
    wire_.optional(10, profile_.duration_ns);
    if (period_type != 0 || period_unit != 0) value_type(11, profile_.period_type);
    wire_.optional(12, profile_.period);
    if (comments.size() > 2) {
      wire_.packed(13, comments);
    } else {
      for (const std::uint64_t comment : comments) wire_.varint(13, comment);
    }
    wire_.varint(14, default_type);
    wire_.optional(15, doc_url);
  }

  const model::Profile& profile_;
  const model::Symbols& symbols_;
  Strings strings_;
  std::string out_;
  WireOut wire_{out_};
  std::string message_;
};

}  // namespace

std::string pprof_bytes(const model::Profile& profile, const model::Symbols& symbols, const ProfileDrain& drain) {
  return ProfileWriter(profile, symbols).write(drain);
}

}  // namespace gopsy::render
