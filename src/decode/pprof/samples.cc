#include "decode/pprof/samples.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/wire.h"
#include "decode/pprof/stack_batch.h"

namespace gopsy::decode {
namespace {

// 128 Mi nodes are 4 GiB of tree and table. Stacks of real programs share their roots and stay far below; without
// a bound a hostile profile would turn one byte of input into 40 of memory.
constexpr std::size_t kMostNodes = std::size_t{1} << 27;

class SampleReader {
 public:
  SampleReader(const ProfileTables& tables, model::Profile& profile)
      : tables_(tables), profile_(profile), batch_(profile) {
    profile.stacks.reserve(tables.sample_count());
    profile.label_start.reserve(tables.sample_count() + 1);
  }

  // Why the sample cannot be kept; empty if it was.
  std::string_view read(Wire sample) {
    stack_.clear();
    missing_location_ = false;
    values_ = 0;
    const std::size_t values_before = profile_.values.size();
    const std::size_t labels_before = profile_.labels.size();
    const std::string_view reason = parse(sample);
    if (!reason.empty()) {
      profile_.values.resize(values_before);
      profile_.labels.resize(labels_before);
      return reason;
    }
    profile_.label_start.push_back(profile_.labels.size());
    batch_.add(stack_);
    if (batch_.full()) batch_.flush();
    return {};
  }

  void finish() { batch_.flush(); }

 private:
  std::string_view parse(Wire& sample) {
    while (sample.next()) {
      switch (sample.field()) {
        case 1:
          sample.varints([&](std::uint64_t id) {
            const std::uint32_t location = tables_.location(id);
            missing_location_ |= location == IdIndex::kMissing;
            stack_.push_back(location);
          });
          break;
        case 2:
          sample.varints([&](std::uint64_t value) {
            profile_.values.push_back(static_cast<std::int64_t>(value));
            ++values_;
          });
          break;
        case 3:
          if (!label(sample.message())) return "a label is malformed or names a missing string";
          break;
        default: sample.skip();
      }
    }
    if (sample.failed()) return "malformed inside";
    if (values_ != profile_.types.size()) return "another number of values than the profile has types";
    if (missing_location_) return "names a location that is missing";
    const bool room = profile_.tree.nodes.size() + batch_.locations() + stack_.size() <= kMostNodes;
    return room ? "" : "beyond the limit of 134,217,728 distinct stack frames";
  }

  bool label(Wire message) {
    std::uint64_t key = 0;
    std::uint64_t text = 0;
    std::uint64_t unit = 0;
    std::int64_t number = 0;
    while (message.next()) {
      switch (message.field()) {
        case 1: key = message.varint(); break;
        case 2: text = message.varint(); break;
        case 3: number = message.varint_signed(); break;
        case 4: unit = message.varint(); break;
        default: message.skip();
      }
    }
    if (message.failed()) return false;
    if (text == 0 && number == 0 && unit == 0) return true;
    if (!tables_.has_string(key) || !tables_.has_string(text) || !tables_.has_string(unit)) return false;
    if (text != 0) {
      profile_.labels.push_back({.key = tables_.string(key), .text = tables_.string(text)});
    } else {
      profile_.labels.push_back({.key = tables_.string(key), .number = number, .unit = tables_.string(unit)});
    }
    return true;
  }

  const ProfileTables& tables_;
  model::Profile& profile_;
  StackBatch batch_;
  std::vector<std::uint32_t> stack_;  // leaf first
  bool missing_location_ = false;
  std::size_t values_ = 0;
};

}  // namespace

model::Counts read_samples(std::string_view bytes, const ProfileTables& tables, model::Profile& profile) {
  model::Counts counts{.what = "samples", .read = tables.sample_count()};
  SampleReader reader(tables, profile);
  Wire wire(bytes);
  while (wire.next()) {
    if (wire.field() != 2) {
      wire.skip();
      continue;
    }
    const Wire sample = wire.message();
    if (wire.failed()) break;
    if (const std::string_view reason = reader.read(sample); !reason.empty()) counts.skip(reason);
  }
  reader.finish();
  if (tables.sample_cut()) counts.skip("cut off with the end of the profile");
  counts.kept = profile.sample_count();
  return counts;
}

}  // namespace gopsy::decode
