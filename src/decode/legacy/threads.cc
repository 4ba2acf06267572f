#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "decode/legacy/fields.h"
#include "decode/legacy/legacy.h"
#include "decode/legacy/memory_map.h"
#include "decode/profile_builder.h"

namespace gopsy::decode {
namespace {

// "--- threadz 1 ---"
bool is_header(std::string_view line) {
  if (!consume_until(line, "--- threadz ")) return false;
  return consume_decimal(line) && line.starts_with(" ---");
}

// "--- Thread 7f794ab90940 (name: main/14748) stack: ---"
bool is_thread(std::string_view line) {
  if (!consume_until(line, "--- Thread ") || !consume_hex(line) || !consume(line, " (name: ")) return false;
  const auto end = line.find(") stack: ---");
  if (end == std::string_view::npos) return false;
  const std::string_view name = line.substr(0, end);
  const auto slash = name.rfind('/');
  return slash != std::string_view::npos && parse_decimal(name.substr(slash + 1));
}

// The first line that is neither blank nor a comment is the header or a thread.
bool find_header(LineReader& lines, bool& first_is_thread) {
  while (lines.next()) {
    const std::string_view line = trim(lines.line());
    if (line.empty() || line[0] == '#') continue;
    first_is_thread = is_thread(line);
    return first_is_thread || is_header(line);
  }
  return false;
}

class Reader {
 public:
  explicit Reader(model::Profile& profile) : profile_(profile), builder_(profile) {}

  // True if the memory map follows, which every whole text has.
  bool read(LineReader& lines, bool in_thread) {
    if (in_thread) open();
    bool stacks = true;
    while (lines.next()) {
      const std::string_view line = trim(lines.line());
      const bool is_end = starts_memory_map(line);
      if (stacks && line.starts_with("---")) {
        close();
        stacks = !is_end && !line.starts_with("---- no stack trace for");
        if (stacks) separator(line);
      } else if (stacks && open_ && !is_end) {
        same_ = same_ || line.contains("same as previous thread");
        readable_ = readable_ && add_addresses(line, addresses_);
      }
      if (!is_end) continue;
      close();
      return true;
    }
    close();
    return false;
  }

  model::Counts take_counts() { return std::move(counts_); }

 private:
  void separator(std::string_view line) {
    if (is_thread(line)) return open();
    ++counts_.read;
    counts_.skip("not a thread");
  }

  void open() {
    open_ = readable_ = true;
    same_ = false;
    addresses_.clear();
    ++counts_.read;
  }

  void close() {
    if (!open_) return;
    open_ = false;
    if (!readable_) return counts_.skip("an address beyond 64 bits");
    const bool counts_to_last = same_ || addresses_.empty();
    if (counts_to_last && profile_.values.empty()) return counts_.skip("the same as none");
    ++counts_.kept;
    if (counts_to_last) {
      ++profile_.values.back();
      return;
    }
    stack_.clear();
    // The leaf is where the thread is; the others are where it returns to.
    for (std::size_t i = 0; i < addresses_.size(); ++i)
      stack_.push_back(builder_.address(i == 0 ? addresses_[i] : addresses_[i] - 1));
    if (addresses_.size() > 1 && addresses_[0] == addresses_[1]) stack_.erase(stack_.begin() + 1);
    add_sample(profile_, stack_, {1});
  }

  model::Profile& profile_;
  ProfileBuilder builder_;
  model::Counts counts_{.what = "threads"};
  bool open_ = false;
  bool same_ = false;
  bool readable_ = true;
  std::vector<std::uint64_t> addresses_;
  std::vector<std::uint32_t> stack_;
};

Match sniff(std::string_view head) {
  LineReader lines(head);
  bool first_is_thread = false;
  return find_header(lines, first_is_thread) ? Match::Certain : Match::No;
}

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  LineReader lines(bytes);
  bool first_is_thread = false;
  if (!find_header(lines, first_is_thread))
    return std::unexpected(Error{.code = Errc::Malformed, .what = "the first line is no `--- threadz 1 ---`"});
  model::Evidence evidence;
  model::Profile& profile = evidence.profile.emplace();
  const model::ValueType thread{.type = symbols.intern("thread"), .unit = symbols.intern("count")};
  profile.types = {thread};
  profile.period_type = thread;
  profile.period = 1;
  Reader reader(profile);
  if (!reader.read(lines, first_is_thread)) evidence.cut = "it ends before the memory map.";
  evidence.counts.push_back(reader.take_counts());
  if (const auto kept = any_kept(evidence.counts[0]); !kept) return std::unexpected(kept.error());
  place_mappings(profile, read_memory_map(lines, symbols), symbols);
  drop_known_frames(profile, symbols);
  evidence.kind = "thread profile";
  return evidence;
}

}  // namespace

constinit const Decoder kLegacyThreads{
    .name = "legacy-threads",
    .title = "thread stacks (threadz)",
    .summary = "the stacks of all threads of a C++ server, from its threadz page",
    .sniff = sniff,
    .decode = decode,
};

}  // namespace gopsy::decode
