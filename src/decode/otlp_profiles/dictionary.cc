#include "decode/otlp_profiles/dictionary.h"

#include <utility>

namespace gopsy::decode {
namespace {

std::unexpected<Error> missing(const Wire& at, const char* what, std::uint64_t index) {
  return std::unexpected(Error{.code = Errc::Malformed, .offset = at.offset(), .what = what, .a = index});
}

}  // namespace

// Strings first, then what names them; functions and mappings before locations, locations before stacks: the tables
// may stand in any order, and each pass skips what it does not want by its length.
Result<void> OtlpDictionary::read(Wire dictionary) {
  for (const std::uint32_t field : {5u, 6u, 1u, 3u, 2u, 7u}) {
    Wire wire = dictionary;
    while (wire.next()) {
      if (wire.field() != field) {
        wire.skip();
        continue;
      }
      if (field == 5) {
        strings_.push_back(symbols_.intern(wire.bytes()));
        continue;
      }
      const Wire row = wire.message();
      if (wire.failed()) break;
      Result<void> added;
      switch (field) {
        case 1: added = add_mapping(row); break;
        case 2: added = add_location(row); break;
        case 3: added = add_function(row); break;
        case 6: added = add_attribute(row); break;
        default: added = add_stack(row); break;
      }
      if (!added) return added;
    }
    if (const auto status = wire.status(); !status) return status;
  }
  return {};
}

Result<StringId> OtlpDictionary::name(std::uint64_t index, const Wire& at) const {
  if (index == 0 && strings_.empty()) return StringId{};
  if (!has_string(index)) return missing(at, "string {} is named and not there", index);
  return strings_[index];
}

Result<void> OtlpDictionary::add_mapping(Wire message) {
  model::Profile::Mapping mapping{.id = mappings_};
  while (message.next()) {
    switch (message.field()) {
      case 1: mapping.start = message.varint(); break;
      case 2: mapping.limit = message.varint(); break;
      case 3: mapping.offset = message.varint(); break;
      case 4: mapping.file = TRY(name(message.varint(), message)); break;
      case 5:
        message.varints([&](std::uint64_t index) {
          const Attribute* row = attribute(index);
          if (row == nullptr) return;
          const std::string_view key = symbols_.text(row->key);
          if (key.starts_with("process.executable.build_id.") && mapping.build_id.none()) mapping.build_id = row->text;
          if (key == "pprof.mapping.has_functions") mapping.has_functions = row->truth;
          if (key == "pprof.mapping.has_filenames") mapping.has_filenames = row->truth;
          if (key == "pprof.mapping.has_line_numbers") mapping.has_line_numbers = row->truth;
          if (key == "pprof.mapping.has_inline_frames") mapping.has_inline_frames = row->truth;
        });
        break;
      default: message.skip();
    }
  }
  if (mappings_++ != 0) profile_.mappings.push_back(mapping);
  return message.status();
}

Result<void> OtlpDictionary::add_function(Wire message) {
  model::Profile::Function function{.id = functions_};
  while (message.next()) {
    switch (message.field()) {
      case 1: function.name = TRY(name(message.varint(), message)); break;
      case 2: function.system_name = TRY(name(message.varint(), message)); break;
      case 3: function.file = TRY(name(message.varint(), message)); break;
      case 4: function.start_line = message.varint_signed(); break;
      default: message.skip();
    }
  }
  if (functions_++ != 0) profile_.functions.push_back(function);
  return message.status();
}

Result<void> OtlpDictionary::add_location(Wire message) {
  model::Profile::Location location{.id = locations_, .first_line = static_cast<std::uint32_t>(profile_.lines.size())};
  while (message.next()) {
    switch (message.field()) {
      case 1: {
        const std::uint64_t mapping = message.varint();
        if (mapping > profile_.mappings.size()) return missing(message, "mapping {} is named and not there", mapping);
        if (mapping != 0) location.mapping = static_cast<std::uint32_t>(mapping - 1);
        break;
      }
      case 2: location.address = message.varint(); break;
      case 3: {
        const Wire line = message.message();
        if (message.failed()) break;
        if (const auto added = add_line(line); !added) return added;
        break;
      }
      case 4:
        message.varints([&](std::uint64_t index) {
          const Attribute* row = attribute(index);
          if (row != nullptr && symbols_.text(row->key) == "pprof.location.is_folded") location.folded = row->truth;
        });
        break;
      default: message.skip();
    }
  }
  location.line_count = static_cast<std::uint32_t>(profile_.lines.size()) - location.first_line;
  if (locations_++ != 0) profile_.locations.push_back(location);
  return message.status();
}

Result<void> OtlpDictionary::add_line(Wire message) {
  model::Profile::Line line;
  std::uint64_t function = 0;
  while (message.next()) {
    switch (message.field()) {
      case 1: function = message.varint(); break;
      case 2: line.line = message.varint_signed(); break;
      case 3: line.column = message.varint_signed(); break;
      default: message.skip();
    }
  }
  if (function > profile_.functions.size()) return missing(message, "function {} is named and not there", function);
  // A line of no function says nothing.
  if (function == 0) return message.status();
  line.function = static_cast<std::uint32_t>(function - 1);
  profile_.lines.push_back(line);
  return message.status();
}

Result<void> read_any_value(Wire message, model::Symbols& symbols, OtlpDictionary::Attribute& out) {
  while (message.next()) {
    switch (message.field()) {
      case 1: out.text = symbols.intern(message.bytes()); break;
      case 2:
        out.truth = message.varint() != 0;
        out.text = symbols.intern(out.truth ? "true" : "false");
        break;
      case 3: out.number = message.varint_signed(); break;
      case 5: {
        Wire list = message.message();
        while (list.next()) {
          if (list.field() != 1) {
            list.skip();
            continue;
          }
          // One level: a list of lists has no place in a profile.
          Wire element = list.message();
          while (element.next()) {
            if (element.field() == 1) {
              out.list.push_back(symbols.intern(element.bytes()));
            } else {
              element.skip();
            }
          }
        }
        break;
      }
      default: message.skip();
    }
  }
  return message.status();
}

Result<void> OtlpDictionary::add_attribute(Wire message) {
  Attribute attribute;
  while (message.next()) {
    switch (message.field()) {
      case 1: attribute.key = TRY(name(message.varint(), message)); break;
      case 2: {
        const Wire value = message.message();
        if (message.failed()) break;
        if (const auto read = read_any_value(value, symbols_, attribute); !read) return read;
        break;
      }
      case 3: attribute.unit = TRY(name(message.varint(), message)); break;
      default: message.skip();
    }
  }
  attributes_.push_back(std::move(attribute));
  return message.status();
}

Result<void> OtlpDictionary::add_stack(Wire message) {
  std::uint64_t lost = 0;
  while (message.next()) {
    if (message.field() != 1) {
      message.skip();
      continue;
    }
    message.varints([&](std::uint64_t index) {
      if (index == 0 || index > profile_.locations.size()) {
        lost = index + 1;
      } else {
        stack_locations_.push_back(static_cast<std::uint32_t>(index - 1));
      }
    });
  }
  if (lost != 0) return missing(message, "location {} is named and not there", lost - 1);
  stack_start_.push_back(stack_locations_.size());
  return message.status();
}

}  // namespace gopsy::decode
