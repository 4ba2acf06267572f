#include <gmock/gmock.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/trace_views.h"
#include "base/wire.h"
#include "model/trace_facts.h"
#include "render/trace/timeline_svg.h"
#include "support/golden.h"
#include "support/xml_check.h"

namespace gopsy::app {
namespace {

std::string trace_path(const std::string& name) { return test::golden_path("decode/execution-trace/" + name); }

std::vector<std::string> all_traces() {
  std::vector<std::string> names;
  for (const char* kind : {"good-", "truncated-", "hostile-"})
    for (const std::string& path : test::golden_inputs("decode/execution-trace", kind)) names.push_back(path);
  return names;
}

std::string perfetto(const std::string& path, const TraceViewOptions& options = {}) {
  std::string out;
  const auto outcome = export_perfetto(
      path, options,
      [&out](std::string_view bytes) {
        out += bytes;
        return true;
      },
      [](const std::string& words) { ADD_FAILURE() << words; });
  return outcome.failure.empty() ? out : "";
}

/// What Perfetto's trace processor makes of an export, as far as we use it: tracks by uuid, slices by a stack a track.
struct Reading {
  struct Track {
    std::string name;
    std::uint64_t parent = 0;
  };
  struct Slice {
    std::string name;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };
  std::map<std::uint64_t, Track> tracks;
  std::map<std::uint64_t, std::string> names;
  std::map<std::uint64_t, std::string> functions;
  std::map<std::uint64_t, std::uint64_t> frames;
  std::map<std::uint64_t, std::vector<std::uint64_t>> stacks;
  std::map<std::uint64_t, std::vector<Slice>> open;
  std::map<std::uint64_t, std::vector<Slice>> slices;
  std::multiset<std::uint64_t> flows;
  std::multiset<std::uint64_t> ended_flows;
  std::map<std::string, std::size_t> instants;
  std::size_t counters = 0;
  std::size_t clocks = 0;
  std::vector<std::string> problems;

  explicit Reading(std::string_view bytes) {
    Wire trace(bytes);
    while (trace.next()) packet(trace.message());
    if (!trace.done()) problems.emplace_back("bytes that are no packet");
    for (const auto& [track, slices_of] : open)
      if (!slices_of.empty()) problems.push_back("open slice on " + tracks[track].name);
  }

  std::map<std::string, std::uint64_t> sums(std::uint64_t group) const {
    std::map<std::string, std::uint64_t> out;
    for (const auto& [uuid, all] : slices) {
      if (tracks.at(uuid).parent != group) continue;
      for (const Slice& slice : all) {
        const std::string state = slice.name.substr(0, slice.name.find_first_of(":"));
        out[state.starts_with("running") ? "running" : state] += slice.end - slice.begin;
      }
    }
    return out;
  }
  std::uint64_t group(std::string_view name) const {
    for (const auto& [uuid, track] : tracks)
      if (track.name == name) return uuid;
    return 0;
  }

 private:
  void packet(Wire packet) {
    std::uint64_t ns = 0;
    while (packet.next()) {
      switch (packet.field()) {
        case 6:
          ++clocks;
          packet.skip();
          break;
        case 8: ns = packet.varint(); break;
        case 11: event(packet.message(), ns); break;
        case 12: interned(packet.message()); break;
        case 60: track(packet.message()); break;
        default: packet.skip();
      }
    }
  }

  void track(Wire descriptor) {
    std::uint64_t uuid = 0;
    Track track;
    while (descriptor.next()) {
      switch (descriptor.field()) {
        case 1: uuid = descriptor.varint(); break;
        case 2: track.name = descriptor.bytes(); break;
        case 5: track.parent = descriptor.varint(); break;
        default: descriptor.skip();
      }
    }
    if (track.parent != 0 && !tracks.contains(track.parent)) problems.push_back("no parent of " + track.name);
    tracks[uuid] = track;
  }

  void interned(Wire data) {
    while (data.next()) {
      const std::uint32_t field = data.field();
      Wire entry = data.message();
      std::uint64_t iid = 0;
      std::uint64_t number = 0;
      std::string text;
      std::vector<std::uint64_t> numbers;
      while (entry.next()) {
        if (entry.field() == 1) {
          iid = entry.varint();
        } else if (entry.type() == Wire::kBytes) {
          text = entry.bytes();
        } else {
          number = entry.varint();
          numbers.push_back(number);
        }
      }
      if (field == 2 && !names.emplace(iid, text).second) problems.push_back("twice: " + text);
      if (field == 5) functions[iid] = text;
      if (field == 6) {
        frames[iid] = numbers[0];
        if (!functions.contains(numbers[0])) problems.emplace_back("frame without a function");
      }
      if (field == 7) {
        stacks[iid] = numbers;
        for (const std::uint64_t frame : numbers)
          if (!frames.contains(frame)) problems.emplace_back("stack without its frame");
      }
    }
  }

  void event(Wire event, std::uint64_t ns) {
    std::uint64_t type = 0;
    std::uint64_t uuid = 0;
    std::string name;
    while (event.next()) {
      switch (event.field()) {
        case 9: type = event.varint(); break;
        case 10: {
          const std::uint64_t iid = event.varint();
          if (!names.contains(iid)) problems.emplace_back("unknown name");
          name = names[iid];
          break;
        }
        case 11: uuid = event.varint(); break;
        case 23: name = event.bytes(); break;
        case 47: flows.insert(event.fixed64()); break;
        case 48: ended_flows.insert(event.fixed64()); break;
        case 56:
          if (!stacks.contains(event.varint())) problems.emplace_back("unknown stack");
          break;
        default: event.skip();
      }
    }
    if (!tracks.contains(uuid)) problems.emplace_back("event on no track");
    if (type == 1) open[uuid].push_back({.name = name, .begin = ns});
    if (type == 3) ++instants[name];
    if (type == 4) ++counters;
    if (type != 2) return;
    if (open[uuid].empty()) return problems.push_back("end without begin on " + tracks[uuid].name);
    open[uuid].back().end = ns;
    slices[uuid].push_back(open[uuid].back());
    open[uuid].pop_back();
  }
};

TEST(PerfettoExport, HasSlicesWhoseSumsAreTheTimesOfTheOverview) {
  for (const std::string& name : {"good-go1.18.trace", "good-go1.19.trace", "good-go1.21.trace", "good-go1.26.trace"}) {
    const Reading reading(perfetto(trace_path(name)));
    EXPECT_THAT(reading.problems, testing::IsEmpty()) << name;
    const auto overview = overview_of_trace(trace_path(name), {});
    ASSERT_NE(overview.evidence.trace_facts, nullptr);
    const model::TraceStates& states = overview.evidence.trace_facts->times.all;
    auto sums = reading.sums(reading.group("Goroutines"));
    EXPECT_EQ(sums["running"], states.running_ns) << name;
    EXPECT_EQ(sums["runnable"], states.runnable_ns) << name;
    EXPECT_EQ(sums["in a system call"], states.syscall_ns) << name;
    EXPECT_EQ(sums["blocked"], states.waiting_ns) << name;
    // Who runs on a P is the same time seen from the other side; before Go 1.22 all of it has a P.
    std::uint64_t on_procs = 0;
    for (const auto& [who, ns] : reading.sums(reading.group("Ps"))) on_procs += ns;
    EXPECT_EQ(on_procs, states.running_ns) << name;
  }
}

TEST(PerfettoExport, LeadsAnArrowFromEachWakeUpToOneSlice) {
  const Reading reading(perfetto(trace_path("good-go1.21.trace")));
  EXPECT_GT(reading.flows.size(), 20U);
  EXPECT_EQ(reading.flows, reading.ended_flows);
  EXPECT_EQ(std::set(reading.flows.begin(), reading.flows.end()).size(), reading.flows.size());
  EXPECT_EQ(reading.instants.at("go main.locks.func1"), 4U);
}

TEST(PerfettoExport, ShowsTasksRegionsLogsAndTheWallClock) {
  const Reading reading(perfetto(trace_path("good-go1.26.trace")));
  EXPECT_GE(reading.clocks, 1U);
  EXPECT_NE(reading.group("request"), 0U);
  EXPECT_EQ(reading.tracks.at(reading.group("request")).parent, reading.group("Tasks"));
  EXPECT_EQ(reading.instants.at("step: begins"), 1U);
  std::size_t regions = 0;
  for (const auto& [uuid, slices] : reading.slices)
    if (reading.tracks.at(uuid).name == "regions and logs" && slices.at(0).name == "work") regions += slices.size();
  EXPECT_EQ(regions, 1U);
  EXPECT_GT(reading.counters, 10U);
}

TEST(PerfettoExport, KeepsToTheRangeOfTimeAndToTheChosenGoroutines) {
  const std::string path = trace_path("good-go1.21.trace");
  const Reading whole(perfetto(path));
  TraceViewOptions options;
  options.range = {.from_ns = 1'000'000, .to_ns = 3'000'000};
  options.top = 3;
  const Reading part(perfetto(path, options));
  EXPECT_THAT(part.problems, testing::IsEmpty());
  const auto goroutines = [](const Reading& reading) {
    std::size_t count = 0;
    for (const auto& [uuid, track] : reading.tracks) count += track.parent == reading.group("Goroutines") ? 1 : 0;
    return count;
  };
  EXPECT_EQ(goroutines(part), 3U);
  EXPECT_GT(goroutines(whole), 10U);
  for (const auto& [state, ns] : part.sums(part.group("Goroutines"))) EXPECT_LE(ns, 3 * 2'000'000U) << state;
}

TEST(PerfettoExport, IsSoundOfDamagedTracesToo) {
  for (const std::string& name : all_traces()) {
    const Reading reading(perfetto(test::golden_path(name)));
    EXPECT_THAT(reading.problems, testing::IsEmpty()) << name;
  }
}

std::string timeline(const std::string& path, const TraceViewOptions& options = {}) {
  std::string svg;
  draw_timeline(path, options, svg);
  return svg;
}

TEST(TracePicture, DrawsASmallTrace) {
  const std::string svg = timeline(trace_path("good-go1.21.trace"));
  EXPECT_EQ(test::xml_problem(svg), "");
  EXPECT_EQ(svg, timeline(trace_path("good-go1.21.trace")));
  EXPECT_TRUE(test::matches_golden("trace/timeline-go1.21.svg", svg));
}

TEST(TracePicture, TellsOfALongBlockWhereItWasAndWhoEndedIt) {
  const std::string svg = timeline(trace_path("good-go1.21.trace"));
  EXPECT_NE(svg.find("blocked: sync.(*Cond).Wait for "), std::string::npos);
  EXPECT_NE(svg.find("\nwoken by G1 main.main"), std::string::npos);
  EXPECT_NE(svg.find("<g><title>G1 main.main wakes "), std::string::npos);
}

TEST(TracePicture, IsWellFormedForDamagedTracesAndPartsOfThem) {
  TraceViewOptions part;
  part.range = {.from_ns = 1'000, .to_ns = 500'000};
  for (const std::string& name : all_traces()) {
    EXPECT_EQ(test::xml_problem(timeline(test::golden_path(name))), "") << name;
    EXPECT_EQ(test::xml_problem(timeline(test::golden_path(name), part)), "") << name;
  }
}

// The P of a long run is told by its number though nothing happens on it within the range.
TEST(TracePicture, NamesAPWhoseOnlyRunCoversTheRange) {
  TraceViewOptions part;
  part.range = {.from_ns = 20'000'000, .to_ns = 20'000'100};
  const std::string svg = timeline(trace_path("good-go1.21.trace"), part);
  EXPECT_NE(svg.find(">P1</text>"), std::string::npos);
  EXPECT_NE(svg.find("100% busy"), std::string::npos);
}

TEST(TracePicture, ShowsAsManyGoroutinesAsAskedFor) {
  TraceViewOptions options;
  options.top = 2;
  const std::string svg = timeline(trace_path("good-go1.21.trace"), options);
  EXPECT_NE(svg.find(", 2 shown"), std::string::npos);
}

// Rows of one P and one goroutine whose columns hold what is told.
analyze::TracePicture picture(float running, float blocked) {
  analyze::TracePicture out;
  out.last_ns = 1'000'000;
  out.columns.resize(render::kTimelineColumns);
  auto& row = out.goroutines.emplace_back();
  row.name = "G1 <script>&\"\x01";
  row.columns.resize(render::kTimelineColumns);
  row.changes.resize(render::kTimelineColumns);
  row.changes[0] = 7;
  for (auto& column : row.columns) {
    column[analyze::TracePicture::Running] = running;
    column[analyze::TracePicture::Sync] = blocked;
  }
  return out;
}

TEST(TracePicture, ShowsWhatIsFasterThanAPixelAsSharesOfTheHeight) {
  const model::Symbols symbols;
  const std::string svg = render::timeline_svg(picture(0.25F, 0.75F), symbols, "t");
  // 16 pixels in halves: running takes the lowest 8 of 32, blocked the rest.
  EXPECT_NE(svg.find("class=\"s0\" transform=\"translate(236 182) scale(1 .5)\" d=\"M0 24h860V32h-860z\""),
            std::string::npos)
      << svg;
  EXPECT_NE(svg.find("d=\"M0 0h860V24h-860z\""), std::string::npos);
  EXPECT_NE(svg.find("7 intervals:\nblocked 75.0%, running 25.0%"), std::string::npos);
}

TEST(TracePicture, EscapesNames) {
  const model::Symbols symbols;
  const std::string svg = render::timeline_svg(picture(1, 0), symbols, "<&>");
  EXPECT_EQ(test::xml_problem(svg), "");
  EXPECT_EQ(svg.find("<script"), std::string::npos);
}

}  // namespace
}  // namespace gopsy::app
