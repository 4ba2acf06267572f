#include "decode/pprof/samples.h"

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "base/wire.h"

namespace gopsy::decode {
namespace {

// 4 GiB of stacks; what walks them counts frames in 32 bits.
constexpr std::size_t kMostFrames = std::size_t{1} << 30;

class SampleReader {
 public:
  SampleReader(const ProfileTables& tables, model::Profile& profile)
      : tables_(tables), profile_(profile), most_(static_cast<std::uint32_t>(profile.locations.size())) {
    profile.stack_start.reserve(tables.sample_count() + 1);
    profile.values.reserve(tables.sample_count() * profile.types.size());
    profile.label_start.reserve(tables.sample_count() + 1);
  }

  // Why the sample cannot be kept; empty if it was.
  std::string_view read(Wire sample) {
    const std::size_t frames_before = profile_.stack_locations.size();
    missing_location_ = false;
    values_ = 0;
    const std::size_t values_before = profile_.values.size();
    const std::size_t labels_before = profile_.labels.size();
    const std::string_view reason = parse(sample);
    if (!reason.empty()) {
      profile_.stack_locations.shrink(frames_before);
      profile_.values.resize(values_before);
      profile_.labels.resize(labels_before);
      return reason;
    }
    profile_.label_start.push_back(profile_.labels.size());
    profile_.stack_start.push_back(profile_.stack_locations.size());
    return {};
  }

 private:
  std::string_view parse(Wire& sample) {
    while (sample.next()) {
      switch (sample.field()) {
        case 1: read_stack(sample); break;
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
    const bool room = profile_.stack_locations.size() <= kMostFrames;
    return room ? "" : "beyond the limit of 1,073,741,824 stack frames";
  }

  // Straight to where it stays, with room for whatever fits into the field: no look at the capacity a frame.
  void read_stack(Wire& sample) {
    if (sample.type() != Wire::kBytes) {
      sample.varints([&](std::uint64_t id) { missing_location_ |= !push(tables_.location(id)); });
      return;
    }
    Wire packed = sample.message();
    make_room(packed.size());
    std::uint32_t highest = 0;
    const auto read = [&](auto* at) {
      using Number = std::remove_pointer_t<decltype(at)>;
      packed.raw_varints([&](std::uint64_t id) {
        const std::uint32_t location = tables_.location(id);
        highest = std::max(highest, location);
        *at++ = static_cast<Number>(location);
      });
      return at;
    };
    // One that is missing may be cut to fit: the sample goes.
    profile_.stack_locations.fill(packed.size(), most_, read);
    if (const auto status = packed.status(); !status) {
      // The field is there as a whole, so a number that does not fit into it is no cut.
      sample.fail(Errc::Malformed, "a number of a stack does not fit into its field");
      return;
    }
    missing_location_ |= highest == IdIndex::kMissing;
  }

  // Room for all stacks that are still to come, if they are like those so far.
  void make_room(std::size_t frames) {
    auto& stacks = profile_.stack_locations;
    if (stacks.size() + frames <= stacks.capacity()) return;
    constexpr std::size_t kFewSamples = 1000;
    const std::size_t done = profile_.stack_start.size();
    if (done < kFewSamples) return;
    const double average = static_cast<double>(stacks.size() + frames) / static_cast<double>(done);
    const double expected = average * static_cast<double>(tables_.sample_count()) * 1.02;
    const double least = static_cast<double>(stacks.size() + frames) * 1.25;
    stacks.reserve(static_cast<std::size_t>(std::max(expected, least)));
  }

  bool push(std::uint32_t location) {
    if (location == IdIndex::kMissing) return false;
    profile_.stack_locations.push_back(location);
    return true;
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
  bool missing_location_ = false;
  std::size_t values_ = 0;
  const std::uint32_t most_;  // the highest number of a location
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
  if (tables.sample_cut()) counts.skip("cut off with the end of the profile");
  counts.kept = profile.sample_count();
  return counts;
}

}  // namespace gopsy::decode
