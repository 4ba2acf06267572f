#include "decode/perf/data_file.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/format.h"
#include "io/inflate.h"

namespace gopsy::decode {
namespace {

constexpr std::string_view kLittle = "PERFILE2";
constexpr std::string_view kBig = "2ELIFREP";
constexpr std::string_view kFirstVersion = "PERFFILE";
constexpr std::uint64_t kPipeHeader = 16;
constexpr std::uint64_t kSmallestAttr = 64;
constexpr unsigned kFeatureBuildId = 2;
constexpr unsigned kFeatureEventDesc = 12;
constexpr unsigned kFeatures = 256;

struct Section {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

class FileReader {
 public:
  FileReader(std::string_view bytes, PerfFile& file) : bytes_(bytes), file_(file) {}

  Result<void> read() {
    PerfCursor header = file_.cursor(bytes_);
    header.take(kLittle.size());
    const std::uint64_t size = header.u64();
    if (header.failed()) return std::unexpected(Error{.code = Errc::Truncated, .what = "it ends inside its header"});
    if (size == kPipeHeader) {
      records(bytes_.substr(kPipeHeader));
    } else if (const auto sections = read_sections(header); !sections) {
      return sections;
    }
    if (const auto whole = inflate(); !whole) return whole;
    if (file_.attrs.empty())
      return std::unexpected(Error{.code = Errc::Malformed, .what = "it describes no event, so no sample can be read"});
    by_time();
    return {};
  }

 private:
  std::string_view at(const Section& section) const {
    if (section.offset > bytes_.size()) return {};
    return bytes_.substr(section.offset, section.size);
  }

  Section section(PerfCursor& cursor) {
    Section section;
    section.offset = cursor.u64();
    section.size = cursor.u64();
    return section;
  }

  Result<void> read_sections(PerfCursor& header) {
    const std::uint64_t attr_size = header.u64();
    const Section attrs = section(header);
    const Section data = section(header);
    section(header);
    std::array<std::uint64_t, kFeatures / 64> features{};
    for (auto& word : features) word = header.u64();
    if (header.failed()) return std::unexpected(Error{.code = Errc::Truncated, .what = "it ends inside its header"});
    if (attr_size < kSmallestAttr + sizeof(Section))
      return std::unexpected(
          Error{.code = Errc::Malformed, .what = "its event attributes are of {} bytes", .a = attr_size});
    for (PerfCursor all = file_.cursor(at(attrs)); all.left() >= attr_size;) {
      const std::string_view row = all.take(attr_size);
      PerfCursor ids_at = file_.cursor(row.substr(row.size() - sizeof(Section)));
      add_attr(row.substr(0, row.size() - sizeof(Section)), at(section(ids_at)));
    }
    // A recording that was killed never wrote the size of its data.
    const std::uint64_t after = data.offset > bytes_.size() ? 0 : bytes_.size() - data.offset;
    if (data.size == 0 || data.size > after)
      file_.cut = "it ends before the end of its records: perf was stopped, or the copy was.";
    records(at({.offset = data.offset, .size = data.size == 0 ? after : data.size}));
    if (data.size != 0 && data.size <= after) read_features(features, data.offset + data.size);
    return {};
  }

  void read_features(const std::array<std::uint64_t, kFeatures / 64>& bits, std::uint64_t offset) {
    PerfCursor table = file_.cursor(bytes_.substr(offset));
    for (unsigned feature = 0; feature < kFeatures && !table.failed(); ++feature) {
      if ((bits[feature / 64] >> feature % 64 & 1U) == 0) continue;
      take_feature(feature, at(section(table)));
    }
  }

  void take_feature(std::uint64_t feature, std::string_view content) {
    if (feature == kFeatureEventDesc) event_names(content);
    if (feature != kFeatureBuildId) return;
    PerfCursor all = file_.cursor(content);
    while (all.left() >= 8) {
      all.u32();
      const std::uint16_t misc = all.u16();
      const std::uint16_t size = all.u16();
      if (size < 8) return;
      build_id(misc, all.take(size - 8U));
    }
  }

  // pid, 20 bytes of id, their true number if `misc` says so, 3 bytes to spare, file name.
  void build_id(std::uint16_t misc, std::string_view payload) {
    constexpr std::uint16_t kHasSize = 1U << 15;
    PerfCursor entry = file_.cursor(payload);
    entry.u32();
    const std::string_view id = entry.take(24);
    if (entry.failed()) return;
    const std::size_t size = (misc & kHasSize) != 0 ? static_cast<unsigned char>(id[20]) : 20;
    file_.build_ids.emplace(entry.text(), id.substr(0, std::min<std::size_t>(size, 20)));
  }

  // perf_event_attr: type, size, config, period, sample_type, read_format, a word of flags, …
  void add_attr(std::string_view bytes, std::string_view ids) {
    PerfCursor attr = file_.cursor(bytes);
    PerfAttr out;
    out.type = attr.u32();
    attr.u32();
    out.config = attr.u64();
    out.period = attr.u64();
    out.sample_type = attr.u64();
    out.read_format = attr.u64();
    const std::string_view flags = attr.take(8);
    if (attr.failed()) return;
    // Compilers of big-endian machines number the bits of a byte from the other end.
    const auto flag = [&](unsigned bit) {
      const auto byte = static_cast<unsigned char>(flags[bit / 8]);
      return (byte >> (file_.big_endian ? 7 - bit % 8 : bit % 8) & 1U) != 0;
    };
    constexpr unsigned kFrequency = 10;
    constexpr unsigned kSampleIdAll = 18;
    if (flag(kFrequency)) out.period = 0;
    out.sample_id_all = flag(kSampleIdAll);
    const auto index = static_cast<std::uint32_t>(file_.attrs.size());
    for (PerfCursor all = file_.cursor(ids); all.left() >= 8;) file_.attr_of_id.emplace(all.u64(), index);
    file_.attrs.push_back(out);
  }

  // Number, attribute size, then attribute, number of ids, name, ids of each.
  void event_names(std::string_view content) {
    PerfCursor all = file_.cursor(content);
    const std::uint32_t count = all.u32();
    const std::uint32_t attr_size = all.u32();
    for (std::uint32_t i = 0; i < count && !all.failed(); ++i) {
      all.take(attr_size);
      const std::uint32_t ids = all.u32();
      const std::uint32_t length = all.u32();
      const std::string_view name = file_.cursor(all.take(length)).text();
      PerfCursor numbers = file_.cursor(all.take(std::uint64_t{ids} * 8));
      if (all.failed()) return;
      name_attr(ids == 0 ? std::nullopt : std::optional(numbers.u64()), i, name);
    }
  }

  void name_attr(std::optional<std::uint64_t> id, std::uint32_t index, std::string_view name) {
    if (id) {
      const auto found = file_.attr_of_id.find(*id);
      if (found != file_.attr_of_id.end()) index = found->second;
    }
    if (index < file_.attrs.size()) file_.attrs[index].name = name;
  }

  void records(std::string_view bytes) {
    PerfCursor all = file_.cursor(bytes);
    while (all.left() != 0) {
      PerfRecord record{.type = all.u32()};
      record.misc = all.u16();
      const std::uint16_t size = all.u16();
      if (!all.failed() && size < 8) {
        file_.cut = fmt::format(
            "a record of {} bytes, less than its own header, {} bytes before the end: what follows "
            "cannot be read.",
            size, all.left());
        return;
      }
      record.payload = all.take(size - 8U);
      if (all.failed()) {
        file_.cut = "it ends inside a record.";
        return;
      }
      take(record, all);
    }
  }

  // Records of data have more bytes behind them than their size says.
  void take(const PerfRecord& record, PerfCursor& all) {
    PerfCursor payload = file_.cursor(record.payload);
    switch (record.type) {
      case PerfRecord::kMmap:
      case PerfRecord::kMmap2:
      case PerfRecord::kComm:
      case PerfRecord::kFork:
      case PerfRecord::kSample:
      case PerfRecord::kLost:
      case PerfRecord::kLostSamples: file_.records.push_back(record); break;
      case PerfRecord::kAttr: {
        const std::uint32_t size = payload.left() < 8 ? 0 : file_.cursor(record.payload.substr(4)).u32();
        const std::string_view attr = payload.take(size);
        if (size >= kSmallestAttr && !payload.failed()) add_attr(attr, payload.take(payload.left()));
        break;
      }
      case PerfRecord::kTracingData: all.take((std::uint64_t{payload.u32()} + 7) / 8 * 8); break;
      case PerfRecord::kAuxtrace: all.take(payload.u64()); break;
      case PerfRecord::kBuildId: build_id(record.misc, record.payload); break;
      case PerfRecord::kFeature: {
        const std::uint64_t feature = payload.u64();
        if (feature == kFeatureEventDesc) event_names(payload.take(payload.left()));
        break;
      }
      case PerfRecord::kEventUpdate: {
        constexpr std::uint64_t kName = 2;
        const std::uint64_t what = payload.u64();
        const std::uint64_t id = payload.u64();
        if (what == kName && !payload.failed()) name_attr(id, UINT32_MAX, payload.text());
        break;
      }
      case PerfRecord::kCompressed: compressed_ += record.payload; break;
      case PerfRecord::kCompressed2: {
        const std::uint64_t size = payload.u64();
        compressed_ += payload.take(std::min(size, payload.left()));
        break;
      }
      default: ++file_.other_records;
    }
  }

  Result<void> inflate() {
    if (compressed_.empty()) return {};
    constexpr std::uint64_t kMostGrowth = 256;
    constexpr std::uint64_t kAlwaysAllowed = std::uint64_t{16} << 20;
    const std::uint64_t limit = std::max<std::uint64_t>(kAlwaysAllowed, compressed_.size() * kMostGrowth);
    auto inflated = io::inflate(compressed_, limit);
    if (!inflated)
      return std::unexpected(
          Error{.code = Errc::Malformed,
                .what = "its {} bytes of compressed records are no zstd stream, or grow beyond measure",
                .a = compressed_.size()});
    file_.inflated = std::move(inflated->bytes);
    compressed_.clear();
    records(file_.inflated.view());
    // Compressed within the compressed.
    compressed_.clear();
    return {};
  }

  // The trailer of every record but samples, if perf was asked for it: TID TIME ID STREAM_ID CPU IDENTIFIER.
  void by_time() {
    const PerfAttr& attr = file_.attrs[0];
    if ((attr.sample_type & kSampleTime) == 0) return;
    constexpr std::uint64_t kBehindTime = kSampleTime | kSampleId | kSampleStreamId | kSampleCpu | kSampleIdentifier;
    const auto from_end = static_cast<std::size_t>(std::popcount(attr.sample_type & kBehindTime)) * 8;
    for (PerfRecord& record : file_.records) {
      if (record.type == PerfRecord::kSample) {
        const PerfAttr* const own = file_.attr_of(record.payload);
        if (own == nullptr || (own->sample_type & kSampleTime) == 0) continue;
        constexpr std::uint64_t kBefore = kSampleIdentifier | kSampleIp | kSampleTid;
        PerfCursor sample = file_.cursor(record.payload);
        sample.take(static_cast<std::uint64_t>(std::popcount(own->sample_type & kBefore)) * 8);
        record.time = sample.u64();
      } else if (attr.sample_id_all && record.payload.size() >= from_end) {
        record.time = file_.cursor(record.payload.substr(record.payload.size() - from_end)).u64();
      }
    }
    std::ranges::stable_sort(file_.records, {}, &PerfRecord::time);
  }

  std::string_view bytes_;
  PerfFile& file_;
  std::string compressed_;
};

}  // namespace

const PerfAttr* PerfFile::attr_of(std::string_view sample) const {
  const PerfAttr& first = attrs[0];
  if (attrs.size() == 1 || (first.sample_type & (kSampleId | kSampleIdentifier)) == 0) return &first;
  std::uint64_t before = 0;
  if ((first.sample_type & kSampleIdentifier) == 0) {
    constexpr std::uint64_t kBefore = kSampleIp | kSampleTid | kSampleTime | kSampleAddr;
    before = static_cast<std::uint64_t>(std::popcount(first.sample_type & kBefore)) * 8;
  }
  PerfCursor at = cursor(sample);
  at.take(before);
  const auto found = attr_of_id.find(at.u64());
  return at.failed() || found == attr_of_id.end() ? nullptr : &attrs[found->second];
}

Result<PerfFile> read_perf_file(std::string_view bytes) {
  PerfFile file;
  if (bytes.starts_with(kFirstVersion))
    return std::unexpected(Error{.code = Errc::Unsupported, .what = "a recording of perf before Linux 3.6"});
  file.big_endian = bytes.starts_with(kBig);
  if (!file.big_endian && !bytes.starts_with(kLittle))
    return std::unexpected(Error{.code = Errc::Malformed, .what = "it does not begin with PERFILE2"});
  FileReader reader(bytes, file);
  if (const auto read = reader.read(); !read) return std::unexpected(read.error());
  return file;
}

bool is_perf_file(std::string_view head) {
  return head.starts_with(kLittle) || head.starts_with(kBig) || head.starts_with(kFirstVersion);
}

}  // namespace gopsy::decode
