#include "process/resident.h"

#include <algorithm>

namespace gopsy::process {
namespace {

// Below this a gap costs less as a hole than as a header, and readers that know nothing of ours (Delve) find zeros
// there.
constexpr std::uint64_t kHole = std::uint64_t{256} << 10;
// A database that is mapped privately and of which one page was written is not part of the evidence.
constexpr std::uint64_t kWholeFile = std::uint64_t{64} << 20;
constexpr std::uint64_t kChunk = std::uint64_t{1} << 30;  // of address space looked up at a time: 2 MiB of entries

enum class Taking : std::uint8_t { Nothing, FirstPage, Touched, TouchedShared, Whole, OwnPages };

class Planner {
 public:
  Planner(std::uint64_t page_size, const Pagemap& pagemap, const std::function<bool(std::uint64_t)>& is_elf_header)
      : page_(page_size), pagemap_(pagemap), is_elf_header_(is_elf_header) {}

  void add(const ProcMapping& row) {
    const Mapping& mapping = row.mapping;
    row_ = &row;
    done_ = mapping.start;
    const Taking taking = choose(row);
    if (taking == Taking::Whole || (taking == Taking::FirstPage && is_elf_header_(mapping.start))) {
      const std::uint64_t end = taking == Taking::Whole ? mapping.end : mapping.start + page_;
      plan.runs.push_back({.start = mapping.start, .end = end});
    } else if (taking != Taking::Nothing && taking != Taking::FirstPage) {
      find_runs(mapping, taking);
    }
    lay_parts(mapping, taking == Taking::Touched);
  }

  SnapshotPlan plan;

 private:
  [[nodiscard]] Taking choose(const ProcMapping& row) const;
  [[nodiscard]] bool has_own_pages(const Mapping& mapping) const;
  void find_runs(const Mapping& mapping, Taking taking);
  void lay_parts(const Mapping& mapping, bool rest_is_zero);
  void part(std::uint64_t end, std::uint64_t file_end);

  std::uint64_t page_;
  const Pagemap& pagemap_;
  const std::function<bool(std::uint64_t)>& is_elf_header_;
  const ProcMapping* row_ = nullptr;
  std::uint64_t done_ = 0;
  std::size_t first_run_ = 0;
};

bool Planner::has_own_pages(const Mapping& mapping) const {
  for (std::uint64_t at = mapping.start; at < mapping.end; at += std::min(kChunk, mapping.end - at)) {
    const auto pages = pagemap_(at, at + std::min(kChunk, mapping.end - at));
    if (pages.empty()) return mapping.writable;  // not known
    if (std::ranges::any_of(pages, [](const Page& page) { return page.there && !page.of_file; })) return true;
  }
  return false;
}

Taking Planner::choose(const ProcMapping& row) const {
  const Mapping& mapping = row.mapping;
  if (!mapping.readable || row.name == "[vvar]" || row.name == "[vvar_vclock]" || row.name == "[vsyscall]")
    return Taking::Nothing;
  if (row.name == "[vdso]") return Taking::Whole;
  if (row.shared) return row.name.empty() || row.name.ends_with(" (deleted)") ? Taking::TouchedShared : Taking::Nothing;
  if (mapping.file.empty()) return Taking::Touched;
  if (has_own_pages(mapping)) return mapping.end - mapping.start <= kWholeFile ? Taking::Whole : Taking::OwnPages;
  return mapping.file_offset == 0 ? Taking::FirstPage : Taking::Nothing;
}

void Planner::find_runs(const Mapping& mapping, Taking taking) {
  for (std::uint64_t at = mapping.start; at < mapping.end;) {
    const std::uint64_t end = at + std::min(kChunk, mapping.end - at);
    auto pages = pagemap_(at, end);
    if (pages.size() < (end - at) / page_) {
      ++plan.unknown_mappings;
      pages.resize((end - at) / page_, Page{.there = true});
    }
    for (const Page& page : pages) {
      const bool take = page.there && (taking != Taking::OwnPages || !page.of_file);
      auto& runs = plan.runs;
      if (take && runs.size() > first_run_ && runs.back().end == at) {
        runs.back().end += page_;
      } else if (take) {
        runs.push_back({.start = at, .end = at + page_});
      }
      at += page_;
    }
  }
}

// Segments for the runs of the mapping that were found since the last one.
void Planner::lay_parts(const Mapping& mapping, bool rest_is_zero) {
  const std::span<const Run> runs = std::span(plan.runs).subspan(first_run_);
  first_run_ = plan.runs.size();
  std::uint64_t file_end = mapping.start;  // of the part that is being made
  for (const Run& run : runs) {
    plan.resident_bytes += run.end - run.start;
    const bool hole = rest_is_zero && run.start - file_end < kHole;
    if (!hole && run.start != file_end) {
      part(run.start, file_end);
      if (rest_is_zero) plan.untouched.push_back({.start = file_end, .end = run.start});
    }
    file_end = run.end;
  }
  part(mapping.end, file_end);
  if (rest_is_zero && file_end < mapping.end) plan.untouched.push_back({.start = file_end, .end = mapping.end});
}

// One from where the last ended up to `end`, with its bytes up to `file_end`.
void Planner::part(std::uint64_t end, std::uint64_t file_end) {
  const Mapping& mapping = row_->mapping;
  plan.parts.push_back({.start = done_,
                        .memory_size = end - done_,
                        .file_size = file_end - done_,
                        .readable = mapping.readable,
                        .writable = mapping.writable,
                        .executable = mapping.executable});
  done_ = end;
}

}  // namespace

Page page_of(std::uint64_t entry) {
  constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;
  constexpr std::uint64_t kSwapped = std::uint64_t{1} << 62;
  constexpr std::uint64_t kFile = std::uint64_t{1} << 61;
  return {.there = (entry & (kPresent | kSwapped)) != 0, .of_file = (entry & kFile) != 0};
}

SnapshotPlan plan_snapshot(const std::vector<ProcMapping>& mappings, std::uint64_t page_size, const Pagemap& pagemap,
                           const std::function<bool(std::uint64_t)>& is_elf_header) {
  Planner planner(page_size, pagemap, is_elf_header);
  for (const ProcMapping& row : mappings) planner.add(row);
  return std::move(planner.plan);
}

}  // namespace gopsy::process
