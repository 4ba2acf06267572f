# Writes SCRIPT as a C++ source that returns its text. As bytes, because no raw string literal can hold
# every script, and compilers limit the length of one.
file(READ "${SCRIPT}" text)
if(text MATCHES "]]>")
  message(FATAL_ERROR "${SCRIPT} holds \"]]>\", which would end the CDATA section it is put into")
endif()
file(READ "${SCRIPT}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE "${OUT}" "#include \"ui/assets.h\"

namespace gopsy::ui {

static const char kFlameSvg[] = {${bytes}};

std::string_view flame_svg_script() { return {kFlameSvg, sizeof kFlameSvg}; }

}  // namespace gopsy::ui
")
