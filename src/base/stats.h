#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gopsy {

/// The time that this process has had on processors, all its threads together.
std::int64_t process_cpu_ns();

/// Where the time of a run went, for `--stats`: named spans in the order they were opened, nested by
/// depth, and named counts. Names are static text.
class Stats {
 public:
  struct Span {
    std::string_view name;
    unsigned depth;
    std::int64_t wall_ns;
    std::int64_t cpu_ns;
  };
  struct Count {
    std::string_view name;
    std::uint64_t value;
  };

  /// Measures from its construction to its destruction.
  class Timer {
   public:
    Timer(Stats& stats, std::string_view name);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

   private:
    Stats& stats_;
    std::size_t span_;
    std::chrono::steady_clock::time_point wall_start_;
    std::int64_t cpu_start_ns_;
  };

  /// Adds to the count of that name, which is made at its first use.
  void count(std::string_view name, std::uint64_t amount);

  [[nodiscard]] const std::vector<Span>& spans() const { return spans_; }
  [[nodiscard]] const std::vector<Count>& counts() const { return counts_; }

  /// A table for people: spans, counts, peak resident memory.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<Span> spans_;
  std::vector<Count> counts_;
  unsigned depth_ = 0;
};

}  // namespace gopsy
