# What we take instead of writing it (design, section 5). The archive is preferred over the shared
# object, so that the product needs nothing but libc at run time.
set(CMAKE_FIND_LIBRARY_SUFFIXES .a .so)
find_library(GOPSY_DEFLATE deflate REQUIRED)
find_library(GOPSY_ZSTD zstd REQUIRED)
find_library(GOPSY_ZLIB z REQUIRED)
find_library(GOPSY_RE2 re2 REQUIRED)
find_path(GOPSY_CLI11_INCLUDE CLI/CLI.hpp REQUIRED)
find_path(GOPSY_NLOHMANN_INCLUDE nlohmann/json.hpp REQUIRED)
# DWARF of native code: libdw as an archive needs what it unpacks sections with.
find_library(GOPSY_CAPSTONE capstone REQUIRED)
find_library(GOPSY_DW dw REQUIRED)
find_library(GOPSY_ELF elf REQUIRED)
find_library(GOPSY_LZMA lzma REQUIRED)
find_library(GOPSY_BZ2 bz2 REQUIRED)
find_package(Threads REQUIRED)
