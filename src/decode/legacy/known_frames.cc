#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "decode/legacy/memory_map.h"

namespace gopsy::decode {
namespace {

// Regular expressions over names, in google/pprof's order: written profiles hold them word for word.
constexpr std::string_view kAllocators =
    // the C library's
    "calloc|cfree|malloc|free|memalign|do_memalign|(__)?posix_memalign|pvalloc|valloc|realloc|"
    // tcmalloc's
    R"(tcmalloc::.*|tc_calloc|tc_cfree|tc_malloc|tc_free|tc_memalign|tc_posix_memalign|tc_pvalloc|tc_valloc|)"
    "tc_realloc|tc_new|tc_delete|tc_newarray|tc_deletearray|tc_new_nothrow|tc_newarray_nothrow|"
    // those of macOS
    "malloc_zone_malloc|malloc_zone_calloc|malloc_zone_valloc|malloc_zone_realloc|malloc_zone_memalign|"
    "malloc_zone_free|"
    // Go's
    R"(runtime\..*|)"
    // and C++'s
    "BaseArena::.*|(::)?do_malloc_no_errno|(::)?do_malloc_pages|(::)?do_malloc|DoSampledAllocation|"
    "MallocedMemBlock::MallocedMemBlock|_M_allocate|__builtin_(vec_)?delete|__builtin_(vec_)?new|"
    "__gnu_cxx::new_allocator::allocate|__libc_malloc|__malloc_alloc_template::allocate|allocate|cpp_alloc|"
    R"(operator new(\[\])?|simple_alloc::allocate)";

// Go's runtime calls user code through these; they may stand in the middle of a stack.
constexpr std::string_view kNotAllocators = R"(runtime\.panic|runtime\.reflectcall|runtime\.call[0-9]*)";

constexpr std::string_view kLocks =
    "RecordLockProfileData|(base::)?RecordLockProfileData.*|(base::)?SubmitMutexProfileData.*|"
    "(base::)?SubmitSpinLockProfileData.*|(base::Mutex::)?AwaitCommon.*|(base::Mutex::)?Unlock.*|"
    "(base::Mutex::)?UnlockSlow.*|(base::Mutex::)?ReaderUnlock.*|(base::MutexLock::)?~MutexLock.*|"
    "(Mutex::)?AwaitCommon.*|(Mutex::)?Unlock.*|(Mutex::)?UnlockSlow.*|(Mutex::)?ReaderUnlock.*|"
    "(MutexLock::)?~MutexLock.*|(SpinLock::)?Unlock.*|(SpinLock::)?SlowUnlock.*|(SpinLockHolder::)?~SpinLockHolder.*";

constexpr std::string_view kCpuProfiler =
    "ProfileData::Add|ProfileData::prof_handler|CpuProfiler::prof_handler|__pthread_sighandler|__restore";

constexpr std::array<std::string_view, 3> kHeapTypes = {
    "objects space",
    "inuse_objects inuse_space",
    "alloc_objects alloc_space inuse_objects inuse_space",
};

}  // namespace

void drop_known_frames(model::Profile& profile, model::Symbols& symbols) {
  std::string types;
  for (const auto& type : profile.types) (types += types.empty() ? "" : " ") += symbols.text(type.type);
  if (std::ranges::find(kHeapTypes, types) != kHeapTypes.end()) {
    profile.drop_frames = symbols.intern(kAllocators);
    profile.keep_frames = symbols.intern(kNotAllocators);
  } else {
    profile.drop_frames = symbols.intern(types == "contentions delay" ? kLocks : kCpuProfiler);
  }
}

}  // namespace gopsy::decode
