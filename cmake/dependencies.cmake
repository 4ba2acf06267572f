# What we take instead of writing it (design, section 5). The archive is preferred over the shared
# object, so that the product needs nothing but libc at run time.
set(CMAKE_FIND_LIBRARY_SUFFIXES .a .so)
find_library(GOPSY_DEFLATE deflate REQUIRED)
find_library(GOPSY_ZSTD zstd REQUIRED)
find_library(GOPSY_ZLIB z REQUIRED)
find_library(GOPSY_RE2 re2 REQUIRED)
find_library(GOPSY_CARES cares REQUIRED)
find_library(GOPSY_SSL ssl REQUIRED)
find_library(GOPSY_CRYPTO crypto REQUIRED)
find_path(GOPSY_BEAST_INCLUDE boost/beast/http.hpp REQUIRED)
find_path(GOPSY_CLI11_INCLUDE CLI/CLI.hpp REQUIRED)
find_path(GOPSY_NLOHMANN_INCLUDE nlohmann/json.hpp REQUIRED)
find_package(Threads REQUIRED)
