#include "decode/trace/batches.h"

#include <utility>

#include "decode/trace/format.h"
#include "decode/trace/varint.h"

namespace gopsy::decode::trace {
namespace {

using model::TraceType;

constexpr char kBatchByte = static_cast<char>(TraceType::EventBatch);
constexpr char kExperimentalByte = static_cast<char>(TraceType::ExperimentalBatch);
constexpr char kEndByte = static_cast<char>(TraceType::EndOfGeneration);

}  // namespace

TraceType Batch::kind(unsigned format) const {
  if (experiment != 0) return TraceType::ExperimentalBatch;
  if (data.empty()) return TraceType::EventBatch;
  const auto first = static_cast<TraceType>(data.front());
  switch (first) {
    case TraceType::Strings:
    case TraceType::Stacks:
    case TraceType::CpuSamples:
    case TraceType::EndOfGeneration: return first;
    case TraceType::Frequency: return format < 25 ? TraceType::Sync : TraceType::EventBatch;
    case TraceType::Sync: return format < 25 ? TraceType::EventBatch : TraceType::Sync;
    default: return TraceType::EventBatch;
  }
}

Result<BatchWalker::Head> BatchWalker::head(std::size_t at) const {
  const std::string_view bytes = page_.bytes;
  Head head;
  const char first = bytes[at++];
  if (first != kBatchByte && first != kExperimentalByte)
    return std::unexpected(Error{.code = Errc::Malformed,
                                 .offset = page_.offset + at - 1,
                                 .what = "expected a batch, got event {}",
                                 .a = static_cast<std::uint8_t>(first)});
  const Error cut{.code = Errc::Truncated, .offset = page_.offset + bytes.size(), .what = "the head of a batch is cut"};
  if (first == kExperimentalByte) {
    if (at == bytes.size()) return std::unexpected(cut);
    head.batch.experiment = static_cast<std::uint8_t>(bytes[at++]);
  }
  const auto* const start = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const std::uint8_t* here = start + at;
  const std::uint8_t* const end = start + bytes.size();
  for (std::uint64_t* field : {&head.batch.generation, &head.batch.thread, &head.batch.time, &head.size}) {
    const std::uint8_t* const behind = read_varint(here, end, *field);
    if (behind == nullptr) {
      if (static_cast<std::size_t>(end - here) < kMostVarintBytes) return std::unexpected(cut);
      return std::unexpected(Error{.code = Errc::Malformed,
                                   .offset = page_.offset + static_cast<std::uint64_t>(here - start),
                                   .what = "a number in the head of a batch exceeds 64 bits"});
    }
    here = behind;
  }
  head.data_at = static_cast<std::size_t>(here - start);
  if (head.size > kMostBatchBytes)
    return std::unexpected(Error{.code = Errc::Malformed,
                                 .offset = page_.offset + head.data_at,
                                 .what = "invalid batch size {}, maximum is {}",
                                 .a = head.size,
                                 .b = kMostBatchBytes});
  return head;
}

Result<std::optional<Batch>> BatchWalker::next() {
  cut_.reset();
  while (at_ >= page_.bytes.size()) {
    const auto page = pages_.next();
    if (!page) return std::nullopt;
    page_ = *page;
    at_ = 0;
  }
  if (page_.bytes[at_] == kEndByte) {
    Batch end{.thread = kNoThread, .data = page_.bytes.substr(at_, 1), .offset = page_.offset + at_};
    ++at_;
    return end;
  }
  Head head = TRY(this->head(at_));
  head.batch.data = page_.bytes.substr(head.data_at, head.size);
  head.batch.offset = page_.offset + head.data_at;
  if (head.batch.data.size() != head.size) {
    head.batch.cut = true;
    cut_ = head.batch;
    return std::unexpected(Error{.code = Errc::Truncated,
                                 .offset = page_.offset + page_.bytes.size(),
                                 .what = "failed to read full batch: read {} but wanted {}",
                                 .a = head.batch.data.size(),
                                 .b = head.size});
  }
  at_ = head.data_at + head.size;
  return head.batch;
}

std::optional<Batch> BatchWalker::take_cut() {
  if (cut_) at_ = page_.bytes.size();
  return std::exchange(cut_, std::nullopt);
}

bool BatchWalker::is_plausible(std::size_t at, std::uint64_t generation) const {
  const auto found = head(at);
  if (!found || found->batch.generation < generation || found->batch.generation > generation + 1) return false;
  // Nothing has an empty batch, and nearly all bytes could be the head of one.
  if (found->size == 0 || found->batch.experiment > 8 || found->data_at >= page_.bytes.size()) return false;
  const auto first = static_cast<std::uint8_t>(page_.bytes[found->data_at]);
  if (found->batch.experiment == 0 && (first >= kSpecs || specs()[first].name.empty())) return false;
  return follows(found->data_at + found->size, generation);
}

bool BatchWalker::follows(std::size_t at, std::uint64_t generation) const {
  if (at >= page_.bytes.size() || page_.bytes[at] == kEndByte) return true;
  const auto next = head(at);
  return next ? next->batch.generation >= generation && next->batch.generation <= generation + 1
              : next.error().code == Errc::Truncated;
}

bool BatchWalker::is_next_of(std::uint64_t generation) const { return follows(at_, generation); }

std::uint64_t BatchWalker::resync(std::uint64_t generation) {
  const std::size_t from = at_;
  // Where the bytes end within a head, nothing comes behind it.
  if (const auto cut = head(at_); !cut && cut.error().code == Errc::Truncated) at_ = page_.bytes.size() - 1;
  for (++at_; at_ < page_.bytes.size(); ++at_) {
    const char byte = page_.bytes[at_];
    if ((byte == kBatchByte || byte == kExperimentalByte) && is_plausible(at_, generation)) break;
  }
  return at_ - from;
}

}  // namespace gopsy::decode::trace
