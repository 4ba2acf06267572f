#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "decode/perf/data_cursor.h"
#include "io/bytes.h"

namespace gopsy::decode {

/// One event of a recording: the part of perf_event_attr that says what its samples hold.
struct PerfAttr {
  std::uint32_t type = 0;
  std::uint64_t config = 0;
  std::uint64_t period = 0;  ///< between samples; 0 if perf steered a frequency
  std::uint64_t sample_type = 0;
  std::uint64_t read_format = 0;
  bool sample_id_all = false;
  std::string_view name;  ///< as the recording calls it; may be empty
};

enum PerfSampleType : std::uint64_t {
  kSampleIp = 1U << 0,
  kSampleTid = 1U << 1,
  kSampleTime = 1U << 2,
  kSampleAddr = 1U << 3,
  kSampleRead = 1U << 4,
  kSampleCallchain = 1U << 5,
  kSampleId = 1U << 6,
  kSampleCpu = 1U << 7,
  kSamplePeriod = 1U << 8,
  kSampleStreamId = 1U << 9,
  kSampleIdentifier = 1U << 16,
};

struct PerfRecord {
  enum Type : std::uint32_t {
    kMmap = 1,
    kLost = 2,
    kComm = 3,
    kFork = 7,
    kSample = 9,
    kMmap2 = 10,
    kLostSamples = 13,
    kAttr = 64,
    kTracingData = 66,
    kBuildId = 67,
    kAuxtrace = 71,
    kEventUpdate = 78,
    kFeature = 80,
    kCompressed = 81,
    kCompressed2 = 83,
  };
  std::uint32_t type = 0;
  std::uint16_t misc = 0;
  std::string_view payload;  ///< without the header
  std::uint64_t time = 0;    ///< 0 if it has none
};

/// The contents of a perf.data file or pipe, its records of the kinds above 63 taken in.
///
/// Shape   magic, then either sections (attributes, records, features) or, in a pipe, records only; either byte order.
///         Compressed records are one zstd stream cut into pieces; what comes out is appended to `records`.
/// Errors  Malformed: the magic or the header is not what it has to be, or the zstd stream yields nothing.
///         Unsupported: the first version of the format. A file that ends inside a record is no error: see `cut`.
/// Cost    one pass, 40 bytes a record of use held, and what is inflated: at most 256 times its size.
/// Source  Linux tools/perf/Documentation/perf.data-file-format.txt, include/uapi/linux/perf_event.h.
struct PerfFile {
  bool big_endian = false;
  std::vector<PerfAttr> attrs;
  std::unordered_map<std::uint64_t, std::uint32_t> attr_of_id;
  std::unordered_map<std::string_view, std::string_view> build_ids;  ///< raw bytes, by file name
  std::vector<PerfRecord> records;                                   ///< by time, then as stored
  std::string cut;
  std::uint64_t other_records = 0;  ///< of kinds that no profile needs
  io::Bytes inflated;

  [[nodiscard]] PerfCursor cursor(std::string_view bytes) const { return {bytes, big_endian}; }
  /// The event of a sample; nothing if the recording describes none with its id.
  [[nodiscard]] const PerfAttr* attr_of(std::string_view sample) const;
};

Result<PerfFile> read_perf_file(std::string_view bytes);

/// PERFILE2 in the file's byte order, or the magic of the first version.
bool is_perf_file(std::string_view head);

}  // namespace gopsy::decode
