#include "rules/catalog.h"
#include "rules/load/starved_dumps.h"
#include "rules/load/starved_samples.h"

namespace gopsy::rules {
namespace {

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  find_starved_samples(inquiry, findings);
  find_starved_dumps(inquiry, findings);
}

}  // namespace

constinit const Rule kCpuStarvation{
    .id = "load.cpu-starvation",
    .severity = Severity::Warning,
    .summary = "runnable goroutines queue for CPUs: load, not a leak",
    .run = run,
};

}  // namespace gopsy::rules
