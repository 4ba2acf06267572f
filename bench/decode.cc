#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "big_profile.h"
#include "decode/folded/folded.h"
#include "decode/pprof/pprof.h"

namespace {

using gopsy::bench::big_profile;
using gopsy::bench::Shape;

void decode(benchmark::State& state, const gopsy::decode::Decoder& decoder, const std::string& bytes) {
  for (auto _ : state) {
    gopsy::model::Symbols symbols;
    auto evidence = decoder.decode(bytes, symbols);
    benchmark::DoNotOptimize(evidence);
    if (!evidence) state.SkipWithError(evidence.error().what);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

// Argument: spread, from stacks as alike as a real service's to hardly two that share a leaf.
void pprof_100k_samples_50_deep(benchmark::State& state) {
  decode(state, gopsy::decode::kPprof, big_profile({.spread = static_cast<std::uint32_t>(state.range(0))}));
}
BENCHMARK(pprof_100k_samples_50_deep)->Arg(20)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

void folded_100k_lines_50_deep(benchmark::State& state) {
  std::string text;
  std::uint64_t seed = 1;
  for (unsigned line = 0; line < 100'000; ++line) {
    for (std::uint64_t level = 0; level < 50; ++level) {
      seed = seed * 6364136223846793005U + 1442695040888963407U;
      text += level == 0 ? "" : ";";
      text += "example.com/shop/service.(*Handler).Method" +
              std::to_string(level * 8 + (seed >> 60 == 0 ? seed >> 33 & 7 : 0));
    }
    text += " 17\n";
  }
  decode(state, gopsy::decode::kFolded, text);
}
BENCHMARK(folded_100k_lines_50_deep)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
