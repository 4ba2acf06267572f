#include "decode/pprof/tables.h"

#include <algorithm>

namespace gopsy::decode {
namespace {

std::unexpected<Error> malformed(std::uint64_t offset, const char* what, std::uint64_t a = 0, std::uint64_t b = 0) {
  return std::unexpected(Error{.code = Errc::Malformed, .offset = offset, .what = what, .a = a, .b = b});
}

constexpr const char* kMapping = "a mapping names string {}, and the table has {}";
constexpr const char* kFunction = "a function names string {}, and the table has {}";

template <class Rows>
std::uint64_t highest_id(const Rows& rows) {
  std::uint64_t highest = 0;
  for (const auto& row : rows) highest = std::max(highest, row.id);
  return highest;
}

}  // namespace

Result<void> ProfileTables::read() {
  if (bytes_.empty()) return malformed(0, "the profile is empty");
  if (const auto scanned = scan(); !scanned) return scanned;
  return resolve();
}

Result<void> ProfileTables::scan() {
  Wire wire(bytes_);
  while (wire.next()) {
    if (const auto scanned = scan_field(wire); !scanned) return scanned;
    sample_cut_ = wire.failed() && wire.field() == 2;
    last_field_ = wire.field();
  }
  const auto status = wire.status();
  if (!status && status.error().code != Errc::Truncated) return status;
  torn_ = !status || cut_between_strings();
  if (torn_ && sample_cut_) ++samples_;
  return {};
}

// A cut can fall between two strings and leave no torn field. A table without some of its last strings can be told
// from a wrong index: no table has more strings than there are places that name one.
bool ProfileTables::cut_between_strings() const {
  if (last_field_ != 6) return false;
  std::uint64_t highest = 0;
  for (const RawFunction& f : raw_functions_) highest = std::max({highest, f.name, f.system_name, f.file});
  for (const RawMapping& m : raw_mappings_) highest = std::max({highest, m.file, m.build_id});
  const std::uint64_t places = raw_functions_.size() * 3 + raw_mappings_.size() * 2 + types_.size() * 2;
  return highest >= strings_.size() && highest <= places;
}

Result<void> ProfileTables::scan_field(Wire& wire) {
  switch (wire.field()) {
    case 1: {
      const Wire message = wire.message();
      if (!wire.failed()) types_.push_back(TRY(value_type(message)));
      return {};
    }
    case 2:
      wire.bytes();
      if (!wire.failed()) ++samples_;
      return {};
    case 3: {
      const Wire message = wire.message();
      return wire.failed() ? Result<void>() : add_mapping(message);
    }
    case 4: {
      const Wire message = wire.message();
      return wire.failed() ? Result<void>() : add_location(message);
    }
    case 5: {
      const Wire message = wire.message();
      return wire.failed() ? Result<void>() : add_function(message);
    }
    case 6: return add_string(wire);
    case 7: drop_frames_ = {.offset = wire.offset(), .index = wire.varint()}; return {};
    case 8: keep_frames_ = {.offset = wire.offset(), .index = wire.varint()}; return {};
    case 9: {
      const std::uint64_t offset = wire.offset();
      if (has_time_) return malformed(offset, "a second profile begins here; split the file");
      profile_.time_ns = wire.varint_signed();
      has_time_ = true;
      return {};
    }
    case 10: profile_.duration_ns = wire.varint_signed(); return {};
    case 11: {
      const Wire message = wire.message();
      if (!wire.failed()) period_type_ = TRY(value_type(message));
      return {};
    }
    case 12: profile_.period = wire.varint_signed(); return {};
    case 13: {
      const std::uint64_t offset = wire.offset();
      wire.varints([&](std::uint64_t comment) { comments_.push_back({.offset = offset, .index = comment}); });
      return {};
    }
    case 14: default_type_ = {.offset = wire.offset(), .index = wire.varint()}; return {};
    case 15: doc_url_ = {.offset = wire.offset(), .index = wire.varint()}; return {};
    default: wire.skip(); return {};
  }
}

Result<void> ProfileTables::add_string(Wire& wire) {
  const std::string_view text = wire.bytes();
  if (wire.failed()) return {};
  if (strings_.empty() && !text.empty())
    return malformed(wire.offset() - text.size(), "the string table does not begin with the empty string");
  strings_.push_back(symbols_.intern(text));
  return {};
}

Result<ProfileTables::RawType> ProfileTables::value_type(Wire message) {
  RawType type{.offset = message.offset()};
  while (message.next()) {
    switch (message.field()) {
      case 1: type.type = message.varint(); break;
      case 2: type.unit = message.varint(); break;
      default: message.skip();
    }
  }
  if (const auto status = message.status(); !status) return std::unexpected(status.error());
  return type;
}

Result<void> ProfileTables::add_mapping(Wire message) {
  RawMapping raw{.offset = message.offset()};
  model::Profile::Mapping mapping;
  while (message.next()) {
    switch (message.field()) {
      case 1: mapping.id = message.varint(); break;
      case 2: mapping.start = message.varint(); break;
      case 3: mapping.limit = message.varint(); break;
      case 4: mapping.offset = message.varint(); break;
      case 5: raw.file = message.varint(); break;
      case 6: raw.build_id = message.varint(); break;
      case 7: mapping.has_functions = message.varint() != 0; break;
      case 8: mapping.has_filenames = message.varint() != 0; break;
      case 9: mapping.has_line_numbers = message.varint() != 0; break;
      case 10: mapping.has_inline_frames = message.varint() != 0; break;
      default: message.skip();
    }
  }
  if (mapping.id == 0 && !message.failed()) return malformed(raw.offset, "a mapping has no id");
  profile_.mappings.push_back(mapping);
  raw_mappings_.push_back(raw);
  return message.status();
}

Result<void> ProfileTables::add_function(Wire message) {
  RawFunction raw{.offset = message.offset()};
  model::Profile::Function function;
  while (message.next()) {
    switch (message.field()) {
      case 1: function.id = message.varint(); break;
      case 2: raw.name = message.varint(); break;
      case 3: raw.system_name = message.varint(); break;
      case 4: raw.file = message.varint(); break;
      case 5: function.start_line = message.varint_signed(); break;
      default: message.skip();
    }
  }
  if (function.id == 0 && !message.failed()) return malformed(raw.offset, "a function has no id");
  profile_.functions.push_back(function);
  raw_functions_.push_back(raw);
  return message.status();
}

Result<void> ProfileTables::add_location(Wire message) {
  RawLocation raw{.offset = message.offset()};
  model::Profile::Location location{.first_line = static_cast<std::uint32_t>(profile_.lines.size())};
  while (message.next()) {
    switch (message.field()) {
      case 1: location.id = message.varint(); break;
      case 2: raw.mapping = message.varint(); break;
      case 3: location.address = message.varint(); break;
      case 4: {
        const Wire line = message.message();
        if (message.failed()) break;
        line_functions_.push_back(TRY(add_line(line)));
        ++location.line_count;
        break;
      }
      case 5: location.folded = message.varint() != 0; break;
      default: message.skip();
    }
  }
  if (location.id == 0 && !message.failed()) return malformed(raw.offset, "a location has no id");
  profile_.locations.push_back(location);
  raw_locations_.push_back(raw);
  return message.status();
}

Result<std::uint64_t> ProfileTables::add_line(Wire message) {
  std::uint64_t function = 0;
  model::Profile::Line line;
  while (message.next()) {
    switch (message.field()) {
      case 1: function = message.varint(); break;
      case 2: line.line = message.varint_signed(); break;
      case 3: line.column = message.varint_signed(); break;
      default: message.skip();
    }
  }
  if (const auto status = message.status(); !status) return std::unexpected(status.error());
  profile_.lines.push_back(line);
  return function;
}

Result<StringId> ProfileTables::name(std::uint64_t index, std::uint64_t offset, const char* what) const {
  if (index < strings_.size()) return strings_[index];
  if (torn_) return lost_;
  if (index == 0) return StringId{};
  return malformed(offset, what, index, strings_.size());
}

Result<void> ProfileTables::resolve() {
  if (torn_) lost_ = symbols_.intern("[name lost to the cut]");
  if (const auto resolved = resolve_header(); !resolved) return resolved;
  for (std::size_t i = 0; i < raw_mappings_.size(); ++i) {
    const RawMapping& raw = raw_mappings_[i];
    profile_.mappings[i].file = TRY(name(raw.file, raw.offset, kMapping));
    profile_.mappings[i].build_id = TRY(name(raw.build_id, raw.offset, kMapping));
  }
  if (const auto resolved = resolve_functions(); !resolved) return resolved;
  return resolve_locations();
}

Result<void> ProfileTables::resolve_header() {
  const bool types_named = std::ranges::all_of(
      types_, [&](const RawType& t) { return t.type < strings_.size() && t.unit < strings_.size(); });
  // A cut between two fields leaves no torn field, but no names either.
  const bool no_names = strings_.size() <= 1 && samples_ != 0;
  if ((torn_ || no_names) && (types_.empty() || !types_named)) {
    return std::unexpected(Error{.code = Errc::Truncated,
                                 .offset = bytes_.size(),
                                 .what = "the profile is cut off after {} samples and before its names, without which "
                                         "they cannot be told apart",
                                 .a = samples_ - (sample_cut_ ? 1 : 0)});
  }
  if (types_.empty()) return malformed(0, "the profile names no sample type");
  const auto value_type = [this](const RawType& raw, const char* what) -> Result<model::ValueType> {
    return model::ValueType{.type = TRY(name(raw.type, raw.offset, what)),
                            .unit = TRY(name(raw.unit, raw.offset, what))};
  };
  for (const RawType& raw : types_)
    profile_.types.push_back(TRY(value_type(raw, "a sample type names string {}, and the table has {}")));
  profile_.period_type = TRY(value_type(period_type_, "the period type names string {}, and the table has {}"));
  profile_.drop_frames = TRY(name(drop_frames_, "drop_frames names string {}, and the table has {}"));
  profile_.keep_frames = TRY(name(keep_frames_, "keep_frames names string {}, and the table has {}"));
  profile_.default_type = TRY(name(default_type_, "default_sample_type names string {}, and the table has {}"));
  profile_.doc_url = TRY(name(doc_url_, "doc_url names string {}, and the table has {}"));
  for (const RawName& raw : comments_)
    profile_.comments.push_back(TRY(name(raw, "a comment names string {}, and the table has {}")));
  return {};
}

Result<void> ProfileTables::resolve_functions() {
  auto& functions = profile_.functions;
  IdIndex index(highest_id(functions), functions.size());
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const RawFunction& raw = raw_functions_[i];
    if (!index.add(functions[i].id, static_cast<std::uint32_t>(i)))
      return malformed(raw.offset, "function {} is defined twice", functions[i].id);
    functions[i].name = TRY(name(raw.name, raw.offset, kFunction));
    functions[i].system_name = TRY(name(raw.system_name, raw.offset, kFunction));
    functions[i].file = TRY(name(raw.file, raw.offset, kFunction));
  }
  // One more function stands in for those that a cut took away.
  std::uint32_t stand_in = IdIndex::kMissing;
  std::size_t line = 0;
  for (std::size_t i = 0; i < profile_.locations.size(); ++i) {
    const auto& location = profile_.locations[i];
    for (const std::size_t end = line + location.line_count; line < end; ++line) {
      std::uint32_t function = index.find(line_functions_[line]);
      if (function == IdIndex::kMissing && torn_) {
        if (stand_in == IdIndex::kMissing) {
          stand_in = static_cast<std::uint32_t>(functions.size());
          functions.push_back({.id = highest_id(functions) + 1, .name = lost_, .system_name = lost_});
        }
        function = stand_in;
      }
      if (function == IdIndex::kMissing) {
        const std::uint64_t offset = raw_locations_[i].offset;
        if (line_functions_[line] == 0)
          return malformed(offset, "location {} has a line without a function", location.id);
        return malformed(offset, "location {} names function {}, which is missing", location.id, line_functions_[line]);
      }
      profile_.lines[line].function = function;
    }
  }
  return {};
}

Result<void> ProfileTables::resolve_locations() {
  auto& mappings = profile_.mappings;
  IdIndex mapping_index(highest_id(mappings), mappings.size());
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    if (!mapping_index.add(mappings[i].id, static_cast<std::uint32_t>(i)))
      return malformed(raw_mappings_[i].offset, "mapping {} is defined twice", mappings[i].id);
  }
  auto& locations = profile_.locations;
  locations_ = IdIndex(highest_id(locations), locations.size());
  for (std::size_t i = 0; i < locations.size(); ++i) {
    if (!locations_.add(locations[i].id, static_cast<std::uint32_t>(i)))
      return malformed(raw_locations_[i].offset, "location {} is defined twice", locations[i].id);
    static_assert(IdIndex::kMissing == model::Profile::kNoMapping);
    locations[i].mapping = mapping_index.find(raw_locations_[i].mapping);
  }
  return {};
}

}  // namespace gopsy::decode
