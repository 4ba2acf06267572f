#include "decode/log/walk.h"

#include <algorithm>
#include <cstring>

#include "decode/log/anchors.h"

namespace gopsy::decode::log {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// What is read around an anchor: the words before a crash; and behind it, long values and the chatter of others.
constexpr std::size_t kLinesBefore = 64;
constexpr std::size_t kLinesAfter = 256;
// The end of a log says how and when it ended.
constexpr std::size_t kLastLines = 64;
// Long lines: a window is never longer than that unless a single line is.
constexpr std::size_t kWindowBytes = std::size_t{1} << 20;

// What is searched at once: it is still in the cache when its lines are counted.
constexpr std::size_t kStep = std::size_t{256} << 10;
constexpr std::size_t kPassedStep = std::size_t{8} << 20;
constexpr std::size_t kLongestAnchor = 32;
constexpr std::size_t kLinesBelow = 40;
constexpr std::size_t kLongestBelow = std::size_t{64} << 10;

class Walk {
 public:
  Walk(std::string_view bytes, Demux& demux, const std::function<void(std::size_t)>& passed)
      : bytes_(bytes), demux_(demux), passed_(passed) {}

  Walked run() {
    while (find_next(bytes_.size())) {
      const std::size_t begin = line_start(anchor_);
      skip_to(lines_back(begin, kLinesBefore));
      demux_.prepare(line_at(begin), [&] { return below(begin); });
      read_window();
    }
    skip_to(lines_back(bytes_.size(), kLastLines));
    while (at_ < bytes_.size()) read_line(false);
    return {.lines = lines_, .complete = bytes_.empty() || bytes_.ends_with('\n')};
  }

 private:
  // Reads on until no anchor has been seen for a while.
  void read_window() {
    std::size_t quiet = 0;
    std::size_t last_hit_end = anchor_;
    while (at_ < bytes_.size() && quiet <= kLinesAfter && at_ <= last_hit_end + kWindowBytes) {
      const bool hot = anchor_ != kNone && anchor_ >= at_ && anchor_ < line_end(at_);
      read_line(hot);
      const bool dump = read_plain_lines();
      ++quiet;
      if (!hot && !dump) continue;
      find_next(at_ + kWindowBytes);
      quiet = 0;
      last_hit_end = at_;
    }
  }

  // The lines of a dump follow one another by the hundred thousand; they need none of what other lines go through.
  bool read_plain_lines() {
    const std::size_t begin = at_;
    while (at_ < bytes_.size()) {
      const std::size_t end = line_end(at_);
      std::string_view text = bytes_.substr(at_, end - at_);
      if (text.ends_with('\r')) text.remove_suffix(1);
      if (!demux_.plain_line(text, lines_ + 1)) break;
      at_ = std::min(end + 1, bytes_.size());
      ++lines_;
      tell(at_);
    }
    return at_ != begin;
  }

  void read_line(bool hot) {
    const std::size_t begin = at_;
    std::string_view text = line_at(begin);
    at_ = std::min(line_end(begin) + 1, bytes_.size());
    ++lines_;
    if (hot) {
      demux_.line(text, lines_, [this] { return below(at_); });
    } else {
      demux_.line(text, lines_, {});
    }
    tell(begin);
  }

  // The lines from `from` on, without the one that begins there if it is the line in work.
  std::vector<std::string_view> below(std::size_t from) const {
    std::vector<std::string_view> lines;
    std::size_t begin = from == at_ ? from : std::min(line_end(from) + 1, bytes_.size());
    const std::size_t limit = begin + kWindowBytes;
    // The front of a line is enough to know what stands before its text.
    while (begin < bytes_.size() && begin < limit && lines.size() < kLinesBelow) {
      const std::string_view front = bytes_.substr(begin, kLongestBelow);
      const std::size_t end = std::min(front.find('\n'), front.size());
      lines.push_back(front.substr(0, end));
      if (lines.back().ends_with('\r')) lines.back().remove_suffix(1);
      if (end == kLongestBelow) break;
      begin += end + 1;
    }
    return lines;
  }

  std::size_t line_end(std::size_t from) const {
    const auto* const end = static_cast<const char*>(std::memchr(bytes_.data() + from, '\n', bytes_.size() - from));
    return end == nullptr ? bytes_.size() : static_cast<std::size_t>(end - bytes_.data());
  }
  std::string_view line_at(std::size_t from) const {
    std::string_view line = bytes_.substr(from, line_end(from) - from);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
  std::size_t line_start(std::size_t inside) const {
    const void* const newline = inside == 0 ? nullptr : ::memrchr(bytes_.data(), '\n', inside);
    return newline == nullptr ? 0 : static_cast<std::size_t>(static_cast<const char*>(newline) - bytes_.data()) + 1;
  }

  // So many lines before the one that begins at `begin`, but none that was read before.
  std::size_t lines_back(std::size_t begin, std::size_t count) const {
    const std::size_t floor = begin > at_ + kWindowBytes ? begin - kWindowBytes : at_;
    for (; count > 0 && begin > floor; --count) {
      const std::size_t start = line_start(begin - 1);
      if (start < floor) break;
      begin = start;
    }
    return std::max(begin, at_);
  }

  void skip_to(std::size_t begin) {
    if (begin <= at_) return;
    demux_.gap();
    lines_ += static_cast<std::uint32_t>(count_newlines(bytes_.substr(at_, begin - at_)));
    at_ = begin;
  }

  // Looks for the next anchor before `limit`, step by step, so that what was searched is counted while it is near.
  // Lines that can be no context of it any more are passed over.
  bool find_next(std::size_t limit) {
    limit = std::min(limit, bytes_.size());
    if (anchor_ != kNone && anchor_ >= at_) return anchor_ < limit;
    anchor_ = kNone;
    searched_ = std::max(searched_, at_);
    while (searched_ < limit) {
      const std::size_t end = std::min(searched_ + kStep, limit);
      anchor_ = find_anchor(bytes_.substr(0, std::min(end + kLongestAnchor, bytes_.size())), searched_);
      if (anchor_ != kNone) return true;
      searched_ = end;
      if (limit < bytes_.size()) continue;
      skip_to(lines_back(line_start(end), kLinesBefore));
      tell(at_);
    }
    return false;
  }

  void tell(std::size_t at) {
    if (!passed_ || at < told_ + kPassedStep) return;
    passed_(at);
    told_ = at;
  }

  std::string_view bytes_;
  Demux& demux_;
  const std::function<void(std::size_t)>& passed_;
  std::size_t at_ = 0;          // the first byte that is neither read nor passed over
  std::uint32_t lines_ = 0;     // before it
  std::size_t anchor_ = kNone;  // the next one
  std::size_t searched_ = 0;    // no anchor begins between at_ and here
  std::size_t told_ = 0;
};

}  // namespace

Walked walk(std::string_view bytes, Demux& demux, const std::function<void(std::size_t)>& passed) {
  return Walk(bytes, demux, passed).run();
}

}  // namespace gopsy::decode::log
