#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/wire.h"
#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::decode {

/// The tables that all Profiles of a message share, read into a model::Profile: mapping, location and function n of
/// the message are those with index n - 1 there.
///
/// Errors  Malformed: a row names one that is not there. Offsets as in Wire.
class OtlpDictionary {
 public:
  struct Attribute {
    StringId key;
    StringId text;
    std::int64_t number = 0;
    StringId unit;
    bool truth = false;
    std::vector<StringId> list;  ///< the texts of an array
  };

  OtlpDictionary(model::Symbols& symbols, model::Profile& profile) : symbols_(symbols), profile_(profile) {}

  Result<void> read(Wire dictionary);

  [[nodiscard]] bool has_string(std::uint64_t index) const { return index < strings_.size(); }
  [[nodiscard]] StringId string(std::uint64_t index) const { return strings_[index]; }
  [[nodiscard]] const Attribute* attribute(std::uint64_t index) const {
    return index < attributes_.size() ? &attributes_[index] : nullptr;
  }
  [[nodiscard]] std::uint64_t stack_count() const { return stack_start_.size() - 1; }
  /// Indexes into the profile's locations, leaf first.
  [[nodiscard]] std::span<const std::uint32_t> stack(std::uint64_t index) const {
    return std::span(stack_locations_).subspan(stack_start_[index], stack_start_[index + 1] - stack_start_[index]);
  }

 private:
  Result<void> add_mapping(Wire message);
  Result<void> add_location(Wire message);
  Result<void> add_line(Wire message);
  Result<void> add_function(Wire message);
  Result<void> add_attribute(Wire message);
  Result<void> add_stack(Wire message);
  Result<StringId> name(std::uint64_t index, const Wire& at) const;

  model::Symbols& symbols_;
  model::Profile& profile_;
  std::vector<StringId> strings_;
  std::vector<Attribute> attributes_;
  std::vector<std::uint32_t> stack_locations_;
  std::vector<std::uint64_t> stack_start_ = {0};
  std::uint64_t mappings_ = 0;
  std::uint64_t locations_ = 0;
  std::uint64_t functions_ = 0;
};

/// An AnyValue: what can be kept of it.
Result<void> read_any_value(Wire message, model::Symbols& symbols, OtlpDictionary::Attribute& out);

}  // namespace gopsy::decode
