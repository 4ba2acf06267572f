#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "decode/log/log.h"
#include "model/evidence.h"

namespace gopsy::test {

/// A log as an incident of one input, without rules.
inline model::Incident incident_of(std::string_view log) {
  model::Incident incident;
  auto evidence = decode::kCrashLog.decode(log, incident.symbols);
  EXPECT_TRUE(evidence);
  evidence->path = "app.log";
  evidence->bytes = log.size();
  incident.evidence.push_back(std::move(*evidence));
  return incident;
}

/// A goroutine as a dump prints it: its frames by function name, leaf first, the line numbers counted up from 10.
struct GoroutineText {
  std::uint64_t id = 1;
  std::string state = "running";
  std::vector<std::string> frames{"main.main()"};
  std::string created_by;  ///< "main.serve in goroutine 7"; empty for main

  [[nodiscard]] std::string str() const {
    std::string text = fmt::format("goroutine {} [{}]:\n", id, state);
    int line = 10;
    for (const auto& frame : frames) text += fmt::format("{}\n\t/src/app/main.go:{} +0x1d\n", frame, line++);
    if (!created_by.empty()) text += fmt::format("created by {}\n\t/src/app/main.go:9 +0x8f\n", created_by);
    return text;
  }
};

/// Goroutines one below the other, as after "all goroutines are asleep" or in a dump.
inline std::string dump_of(const std::vector<GoroutineText>& goroutines) {
  std::string text;
  for (const auto& goroutine : goroutines) text += (text.empty() ? "" : "\n") + goroutine.str();
  return text;
}

inline std::string deadlock_of(const std::vector<GoroutineText>& goroutines) {
  return "fatal error: all goroutines are asleep - deadlock!\n\n" + dump_of(goroutines);
}

}  // namespace gopsy::test
