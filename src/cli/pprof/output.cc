#include "cli/pprof/output.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "app/pprof/files.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/terminal.h"
#include "io/deflate.h"

namespace gopsy::pprof {
namespace {

using Failed = std::unexpected<std::string>;

// "profile001.svg": the first number that is free.
std::expected<std::string, std::string> new_report(const ReportName& report, const Notice& notice) {
  return new_file("profile", fmt::format(".{}", report.extension), notice);
}

std::expected<void, std::string> write_file(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return Failed(fmt::format("open {}: {}", path, std::strerror(errno == 0 ? EIO : errno)));
  return {};
}

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

// Runs a program of the PATH; its output goes where `output` says, if it is not empty. Yields  0, or an errno, or -1
// for a failure of its own.
int run(std::vector<std::string> words, const std::string& output, bool wait) {
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

std::expected<std::string, std::string> draw(const std::string& dot, std::string_view format) {
  const Scratch input;
  const Scratch output;
  if (input.path().empty() || output.path().empty()) return Failed("/tmp: no file can be made there");
  if (auto written = write_file(input.path(), dot); !written) return Failed(written.error());
  const int error = run({"dot", fmt::format("-T{}", format), input.path()}, output.path(), true);
  if (error != 0) {
    const std::string why = error == ENOENT ? "exec: \"dot\": executable file not found in $PATH"
                            : error == -1   ? "it failed; its own words stand above"
                                            : std::strerror(error);
    return Failed(fmt::format("failed to execute dot. Is Graphviz installed? Error: {}", why));
  }
  std::ifstream file(output.path(), std::ios::binary);
  std::string picture{std::istreambuf_iterator<char>(file), {}};
  if (format == "svg") {
    if (const auto end = picture.rfind("</svg>"); end != std::string::npos) picture.insert(end, kPanAndZoom);
  }
  return picture;
}

std::expected<void, std::string> show(const ReportName& report, std::string_view bytes, const Notice& notice) {
  const auto path = new_report(report, notice);
  if (!path) return Failed(path.error());
  if (auto written = write_file(*path, bytes); !written) return written;
  std::vector<std::string> viewers;
  const char* browser = std::getenv("BROWSER");
  if (report.viewers.contains("firefox") && browser != nullptr && *browser != '\0') viewers.emplace_back(browser);
  for (const auto viewer : split(report.viewers, '|')) viewers.emplace_back(viewer);
  for (const std::string& viewer : viewers) {
    if (run({viewer, *path}, "", false) == 0) return {};
  }
  return Failed(fmt::format("none of {} could be started; the picture is in {}", join(viewers, ", "), *path));
}

}  // namespace

std::expected<void, std::string> deliver(const ReportName& report, std::string bytes, const Config& config,
                                         const Notice& notice) {
  if (!report.graphviz.empty()) {
    auto picture = draw(bytes, report.graphviz);
    if (!picture) return Failed(picture.error());
    bytes = *std::move(picture);
  } else if (report.extension == "pb.gz") {
    auto packed = io::gzip(bytes);
    if (!packed) return Failed("not enough memory to compress the profile");
    bytes = *std::move(packed);
  }
  if (!config.output.empty()) {
    notice("Generating report in " + config.output);
    return write_file(config.output, bytes);
  }
  if (!report.viewers.empty()) return show(report, bytes, notice);
  if (!report.extension.empty() && ::isatty(STDOUT_FILENO) == 1) {
    const auto path = new_report(report, notice);
    if (!path) return Failed(path.error());
    notice("Generating report in " + *path);
    return write_file(*path, bytes);
  }
  cli::print(bytes);
  return {};
}

}  // namespace gopsy::pprof
