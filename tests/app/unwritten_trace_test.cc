#include "app/unwritten_trace.h"

#include <gmock/gmock.h>

#include "app/trace.h"
#include "support/core_builder.h"
#include "support/golden.h"

namespace gopsy::app {
namespace {

using testing::HasSubstr;

std::uint64_t varint(std::string_view bytes, std::size_t& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.at(at++));
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
}

// The batches of a trace as the runtime has them in memory: a buffer each, their sizes not filled in.
std::string buffers_of(std::string_view trace, std::uint64_t& generation) {
  std::string memory;
  for (std::size_t at = 16; at < trace.size() && trace[at] == 1;) {
    const std::size_t start = at++;
    generation = varint(trace, at);
    varint(trace, at);
    varint(trace, at);
    std::string batch(trace.substr(start, at - start));
    const std::size_t size_at = batch.size();
    const std::uint64_t size = varint(trace, at);
    batch += std::string(10, '\0') + std::string(trace.substr(at, size));
    at += size;
    memory += test::Words().u64(0).u64(1).u64(batch.size()).u64(size_at).bytes(batch).pad_to(65536).text();
  }
  return memory;
}

TEST(UnwrittenTrace, IsTheNewestGenerationThatACoreHas) {
  const std::string whole = test::read_file(test::golden_path("decode/execution-trace/good-go1.26.trace"));
  std::uint64_t generation = 0;
  test::ElfBuilder core;
  core.load(0x7f0000000000, buffers_of(whole, generation));
  ASSERT_GT(generation, 0);
  const auto trace = unwritten_trace_of_core(core.build(), "core.7");
  ASSERT_TRUE(trace) << trace.error();
  EXPECT_TRUE(trace->starts_with("go 1.26 trace")) << "the newest, where the program's file is not there";
  std::size_t at = 17;
  EXPECT_EQ(varint(*trace, at), generation);
}

TEST(UnwrittenTrace, SaysThatThereIsNone) {
  test::ElfBuilder core;
  core.load(0x7f0000000000, std::string(65536, '\0'));
  EXPECT_THAT(unwritten_trace_of_core(core.build(), "core.7").error(),
              HasSubstr("no buffer of an execution trace: none was being recorded"));
  EXPECT_THAT(unwritten_trace_of_core("panic: boom", "core.7").error(), HasSubstr("not an ELF file"));
  EXPECT_THAT(unwritten_trace_of_process(INT32_MAX).error(), HasSubstr("there is no process"));
}

}  // namespace
}  // namespace gopsy::app
