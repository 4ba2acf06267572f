#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyze/census_growth.h"
#include "model/heap_census.h"

namespace gopsy::render {

/// The heap of one process, and what it was before if that is asked.
struct HeapReport {
  struct Process {
    std::string name;     ///< as the user named it
    std::string program;  ///< "server, process 4242"
    std::string version;  ///< "go1.26.8"
    std::vector<std::string> notes;
    model::HeapCensus census;
  };
  Process process;
  std::optional<Process> before;
  std::optional<analyze::CensusGrowth> growth;
  std::size_t rows = 15;  ///< of each table in text; 0: all
};

std::string heap_text(const HeapReport& report);
std::string heap_json(const HeapReport& report);

}  // namespace gopsy::render
