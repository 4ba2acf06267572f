#include "app/pprof/programs.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"

namespace gopsy::pprof {
namespace {

using Failed = std::unexpected<std::string>;

// A file that goes when its owner goes.
class Scratch {
 public:
  Scratch() {
    std::array<char, 32> name{"/tmp/gopsy-dot-XXXXXX"};
    const int file = ::mkstemp(name.data());
    if (file < 0) return;
    ::close(file);
    path_ = name.data();
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A drag moves the drawing, the wheel scales it around the pointer.
constexpr std::string_view kPanAndZoom = R"js(<script type="text/ecmascript"><![CDATA[
(function(){
var svg=document.documentElement,box=svg.viewBox.baseVal,from=null;
svg.setAttribute('width','100%');svg.setAttribute('height','100%');
function at(e){var p=svg.createSVGPoint();p.x=e.clientX;p.y=e.clientY;return p.matrixTransform(svg.getScreenCTM().inverse());}
svg.addEventListener('wheel',function(e){e.preventDefault();var p=at(e),k=e.deltaY<0?0.8:1.25;
box.x=p.x-(p.x-box.x)*k;box.y=p.y-(p.y-box.y)*k;box.width*=k;box.height*=k;},{passive:false});
svg.addEventListener('mousedown',function(e){from=at(e);});
svg.addEventListener('mousemove',function(e){if(!from)return;var p=at(e);box.x-=p.x-from.x;box.y-=p.y-from.y;});
svg.addEventListener('mouseup',function(){from=null;});
})();
]]></script>
)js";

}  // namespace

int run_program(std::vector<std::string> words, const std::string& output, bool wait) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!output.empty())
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0 || !wait) return error;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

std::expected<std::string, std::string> draw_graph(const std::string& dot, std::string_view format) {
  const Scratch input;
  const Scratch output;
  if (input.path().empty() || output.path().empty()) return Failed("/tmp: no file can be made there");
  std::ofstream file(input.path(), std::ios::binary | std::ios::trunc);
  file << dot;
  file.close();
  if (!file) return Failed(fmt::format("{}: it cannot be written", input.path()));
  const int error = run_program({"dot", fmt::format("-T{}", format), input.path()}, output.path(), true);
  if (error != 0) {
    const std::string why = error == ENOENT ? "exec: \"dot\": executable file not found in $PATH"
                            : error == -1   ? "it failed; its own words stand above"
                                            : errno_text(error);
    return Failed(fmt::format("failed to execute dot. Is Graphviz installed? Error: {}", why));
  }
  std::ifstream drawn(output.path(), std::ios::binary);
  std::string picture{std::istreambuf_iterator<char>(drawn), {}};
  if (format == "svg") {
    if (const auto end = picture.rfind("</svg>"); end != std::string::npos) picture.insert(end, kPanAndZoom);
  }
  return picture;
}

bool show_with(std::string_view programs, const std::string& what) {
  std::vector<std::string> viewers;
  const char* browser = std::getenv("BROWSER");
  if (programs.contains("firefox") && browser != nullptr && *browser != '\0') viewers.emplace_back(browser);
  for (const auto viewer : split(programs, '|')) viewers.emplace_back(viewer);
  for (const std::string& viewer : viewers)
    if (run_program({viewer, what}, "", false) == 0) return true;
  return false;
}

}  // namespace gopsy::pprof
