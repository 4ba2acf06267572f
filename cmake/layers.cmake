# One static library per folder of src/. The DEPS repeat the arrow of docs/layers.md; the include check
# (tools/check_layers.py) holds the sources to it.
function(gopsy_layer name)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc")
  add_library(gopsy_${name} STATIC ${sources})
  target_link_libraries(gopsy_${name} PUBLIC gopsy_options PRIVATE ${ARG_LIBRARIES})
  foreach(dep IN LISTS ARG_DEPS)
    target_link_libraries(gopsy_${name} PUBLIC gopsy_${dep})
  endforeach()
endfunction()
