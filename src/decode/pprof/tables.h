#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/wire.h"
#include "decode/pprof/id_index.h"
#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::decode {

/// Everything of a Profile message but its samples: the first pass, and the references resolved.
///
/// Shape   strings are the last thing most writers write, so numbers are collected first and looked up when
///         the message has been seen whole.
/// Errors  see pprof.h.
class ProfileTables {
 public:
  ProfileTables(std::string_view bytes, model::Symbols& symbols, model::Profile& profile)
      : bytes_(bytes), symbols_(symbols), profile_(profile) {}

  Result<void> read();

  [[nodiscard]] std::uint64_t sample_count() const { return samples_; }
  /// The profile ends inside a field: its last samples, and maybe names, are gone.
  [[nodiscard]] bool torn() const { return torn_; }
  /// … and that field was a sample.
  [[nodiscard]] bool sample_cut() const { return sample_cut_; }

  /// What stands for a name that a cut took away; none if nothing is torn.
  [[nodiscard]] StringId lost_name() const { return lost_; }

  /// The index of the location with that id, or IdIndex::kMissing.
  [[nodiscard]] std::uint32_t location(std::uint64_t id) const { return locations_.find(id); }
  /// In a torn profile every string may have been there.
  [[nodiscard]] bool has_string(std::uint64_t index) const { return torn_ || index < strings_.size(); }
  /// REQUIRES: has_string(index).
  [[nodiscard]] StringId string(std::uint64_t index) const { return index < strings_.size() ? strings_[index] : lost_; }

 private:
  struct RawType {
    std::uint64_t offset = 0;
    std::uint64_t type = 0;
    std::uint64_t unit = 0;
  };
  // A field of the profile itself that stands for a string, and where it stands.
  struct RawName {
    std::uint64_t offset = 0;
    std::uint64_t index = 0;
  };
  // The numbers of a message that stand for a string each, and where the message stands.
  struct RawMapping {
    std::uint64_t offset = 0;
    std::uint64_t file = 0;
    std::uint64_t build_id = 0;
  };
  struct RawFunction {
    std::uint64_t offset = 0;
    std::uint64_t name = 0;
    std::uint64_t system_name = 0;
    std::uint64_t file = 0;
  };
  struct RawLocation {
    std::uint64_t offset = 0;
    std::uint64_t mapping = 0;
  };

  Result<void> scan();
  Result<void> scan_field(Wire& wire);
  Result<void> add_string(Wire& wire);
  Result<RawType> value_type(Wire message);
  Result<void> add_mapping(Wire message);
  Result<void> add_function(Wire message);
  Result<void> add_location(Wire message);
  Result<std::uint64_t> add_line(Wire message);

  [[nodiscard]] bool cut_between_strings() const;
  Result<void> resolve();
  Result<void> resolve_header();
  Result<void> resolve_functions();
  Result<void> resolve_locations();
  /// The string, or in a torn profile the word for a lost one; Malformed where nothing is torn, with `what` of the
  /// index and the size of the table.
  Result<StringId> name(std::uint64_t index, std::uint64_t offset, const char* what) const;
  Result<StringId> name(const RawName& raw, const char* what) const { return name(raw.index, raw.offset, what); }

  std::string_view bytes_;
  model::Symbols& symbols_;
  model::Profile& profile_;

  std::uint64_t samples_ = 0;
  bool torn_ = false;
  bool sample_cut_ = false;
  bool has_time_ = false;
  std::uint32_t last_field_ = 0;

  std::vector<StringId> strings_;
  std::vector<RawType> types_;
  RawType period_type_;
  std::vector<RawName> comments_;
  RawName drop_frames_;
  RawName keep_frames_;
  RawName default_type_;
  RawName doc_url_;
  std::vector<RawMapping> raw_mappings_;
  std::vector<RawFunction> raw_functions_;
  std::vector<RawLocation> raw_locations_;
  std::vector<std::uint64_t> line_functions_;
  StringId lost_;

  IdIndex locations_{0, 0};
};

}  // namespace gopsy::decode
