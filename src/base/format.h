#pragma once

// fmt without its packaged library: Debian's libfmt.so does not link from clang (name mangling of
// format_to differs from g++), header-only costs 60 % more build time. base/format.cc instantiates once.
#include <fmt/core.h>
