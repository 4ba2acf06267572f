#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "decode/legacy/fields.h"
#include "decode/legacy/java_places.h"
#include "decode/legacy/legacy.h"
#include "decode/legacy/memory_map.h"
#include "decode/profile_builder.h"

namespace gopsy::decode {
namespace {

// The words of the file, whatever their size and order.
class Words {
 public:
  Words(std::string_view bytes, std::size_t size, bool big_endian)
      : bytes_(bytes), size_(size), big_endian_(big_endian) {}

  std::optional<std::uint64_t> next() {
    if (bytes_.size() < size_) return std::nullopt;
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < size_; ++i)
      word = word << 8 | static_cast<unsigned char>(bytes_[big_endian_ ? i : size_ - 1 - i]);
    bytes_.remove_prefix(size_);
    return word;
  }
  [[nodiscard]] std::uint64_t left() const { return bytes_.size() / size_; }
  [[nodiscard]] std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
  std::size_t size_;
  bool big_endian_;
};

struct Header {
  Words words;
  std::uint64_t period_us;
  bool java;
};

std::optional<Header> read_header(std::string_view bytes) {
  for (const std::size_t size : {4U, 8U}) {
    for (const bool big_endian : {false, true}) {
      Words words(bytes, size, big_endian);
      const auto zero = words.next();
      const auto three = words.next();
      const auto language = words.next();
      const auto period = words.next();
      const auto padding = words.next();
      if (zero == 0U && three == 3U && language <= 1U && period > 0U && padding == 0U)
        return Header{.words = words, .period_us = *period, .java = language == 1U};
    }
  }
  return std::nullopt;
}

struct Sample {
  std::uint64_t count = 0;
  std::size_t first = 0;  // of its addresses, leaf first
  std::size_t size = 0;
};

class Samples {
 public:
  // Reads up to the end marker, or to the tear: then true.
  bool read(Words& words, bool adjust) {
    while (words.left() != 0) {
      const auto count = words.next();
      const auto size = words.next();
      if (!size || *size > words.left()) return true;
      const std::size_t first = addresses_.size();
      for (std::uint64_t i = 0; i < *size; ++i) addresses_.push_back(words.next().value_or(0));
      if (*count == 0 && *size == 1 && addresses_.back() == 0) {
        addresses_.pop_back();
        return false;
      }
      if (adjust)
        for (std::size_t i = first + 1; i < addresses_.size(); ++i) --addresses_[i];
      samples_.push_back({.count = *count, .first = first, .size = addresses_.size() - first});
    }
    return true;
  }

  // The handler of the profiling signal pushes a frame of its own behind the leaf, which is the signal's: what nearly
  // all samples have there is no caller.
  void drop_shared_second_frame() {
    std::unordered_map<std::uint64_t, std::size_t> seconds;
    for (const Sample& sample : samples_)
      if (sample.size > 1) ++seconds[addresses_[sample.first + 1]];
    constexpr std::size_t kOneIn = 32;
    const std::size_t enough = samples_.size() - samples_.size() / kOneIn;
    const auto shared = std::ranges::find_if(seconds, [&](const auto& second) { return second.second >= enough; });
    if (shared == seconds.end()) return;
    for (Sample& sample : samples_) {
      if (sample.size < 2 || addresses_[sample.first + 1] != shared->first) continue;
      // The leaf takes the place of the frame.
      addresses_[sample.first + 1] = addresses_[sample.first];
      ++sample.first;
      --sample.size;
    }
  }

  // The leaf comes from the signal and, moved into the call, from unwinding again.
  void add_to(model::Profile& profile, bool drop_doubles) const {
    ProfileBuilder builder(profile);
    std::vector<std::uint32_t> stack;
    for (const Sample& sample : samples_) {
      stack.clear();
      for (std::size_t i = 0; i < sample.size; ++i) stack.push_back(builder.address(addresses_[sample.first + i]));
      if (drop_doubles && sample.size > 1 && addresses_[sample.first] == addresses_[sample.first + 1] + 1)
        stack.erase(stack.begin() + 1);
      const auto count = static_cast<std::int64_t>(std::min<std::uint64_t>(sample.count, INT64_MAX));
      add_sample(profile, stack, {count, times(count, profile.period)});
    }
  }

  [[nodiscard]] std::size_t count() const { return samples_.size(); }

 private:
  std::vector<Sample> samples_;
  std::vector<std::uint64_t> addresses_;
};

Match sniff(std::string_view head) { return read_header(head) ? Match::Certain : Match::No; }

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  auto header = read_header(bytes);
  if (!header)
    return std::unexpected(Error{.code = Errc::Malformed, .what = "the words 0 3 0 PERIOD 0 do not stand first"});
  model::Evidence evidence;
  model::Profile& profile = evidence.profile.emplace();
  const model::ValueType cpu{.type = symbols.intern("cpu"), .unit = symbols.intern("nanoseconds")};
  profile.types = {{.type = symbols.intern("samples"), .unit = symbols.intern("count")}, cpu};
  profile.period_type = cpu;
  profile.period = times(static_cast<std::int64_t>(std::min<std::uint64_t>(header->period_us, INT64_MAX)), 1000);
  Samples samples;
  if (samples.read(header->words, !header->java)) evidence.cut = "the samples end without their end marker.";
  if (!header->java) {
    samples.drop_shared_second_frame();
    samples.drop_shared_second_frame();
  }
  samples.add_to(profile, !header->java);
  const std::string_view rest = evidence.cut.empty() ? header->words.rest() : std::string_view();
  if (header->java) {
    name_java_places(rest, profile, symbols);
  } else {
    LineReader lines(rest);
    place_mappings(profile, read_memory_map(lines, symbols), symbols);
  }
  drop_known_frames(profile, symbols);
  evidence.counts.push_back({.what = "samples", .read = samples.count(), .kept = samples.count(), .skipped = {}});
  evidence.kind = header->java ? "Java CPU profile" : "CPU profile";
  return evidence;
}

}  // namespace

constinit const Decoder kLegacyCpu{
    .name = "legacy-cpu",
    .title = "CPU profile (binary words)",
    .summary = "CPU profiles of gperftools, Go before 1.9 and the old Java agent",
    .sniff = sniff,
    .decode = decode,
};

}  // namespace gopsy::decode
