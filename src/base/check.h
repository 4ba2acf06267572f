#pragma once

#include <cstdio>
#include <cstdlib>

// Aborts on a programmer's error in every build; never reachable from input.
#define GOPSY_CHECK(condition)                                                               \
  do {                                                                                       \
    if (!(condition)) [[unlikely]] {                                                         \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
