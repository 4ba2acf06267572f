# Every warning of style.md section 5; errors in the presets that CI runs (CMAKE_COMPILE_WARNING_AS_ERROR).
# clang: std::stable_sort of libstdc++ 12 calls a function that C++17 deprecates, and clang blames the caller.
add_library(gopsy_options INTERFACE)
target_compile_options(gopsy_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough -Wdouble-promotion -Wformat=2 -Wcast-qual
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wuseless-cast -Wno-missing-field-initializers>
  $<$<CXX_COMPILER_ID:Clang>:-Wunreachable-code -Wextra-semi -Wno-gnu-statement-expression -Wno-deprecated-declarations -Wno-missing-designated-field-initializers -Wno-missing-field-initializers>)
target_include_directories(gopsy_options INTERFACE "${CMAKE_SOURCE_DIR}/src")

if(GOPSY_SANITIZE)
  add_compile_options(-fsanitize=${GOPSY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GOPSY_SANITIZE})
endif()
