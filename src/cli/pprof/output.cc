#include "cli/pprof/output.h"

#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <utility>

#include "app/pprof/files.h"
#include "app/pprof/programs.h"
#include "base/error.h"
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

std::expected<void, std::string> written(const std::string& path, const std::ofstream& file) {
  if (!file) return Failed(fmt::format("open {}: {}", path, errno_text(errno == 0 ? EIO : errno)));
  return {};
}

std::expected<void, std::string> write_file(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  return written(path, file);
}

std::expected<void, std::string> show(const ReportName& report, std::string_view bytes, const Notice& notice) {
  const auto path = new_report(report, notice);
  if (!path) return Failed(path.error());
  if (auto written = write_file(*path, bytes); !written) return written;
  if (show_with(report.viewers, *path)) return {};
  return Failed(fmt::format("none of {} could be started; the picture is in {}", report.viewers, *path));
}

}  // namespace

std::expected<void, std::string> deliver(const ReportName& report, std::string bytes, const Config& config,
                                         const Notice& notice) {
  if (!report.graphviz.empty()) {
    auto picture = draw_graph(bytes, report.graphviz);
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

ReportStream::ReportStream(const ReportName& report, const Config& config, Notice notice)
    : config_(config), notice_(std::move(notice)) {
  if (report.extension == "pb.gz") gzip_.emplace([this](std::string_view bytes) { send(bytes); });
}

bool ReportStream::takes(const ReportName& report, const Config& config) {
  if (!report.viewers.empty() || !report.graphviz.empty()) return false;
  return config.output.empty() ? ::isatty(STDOUT_FILENO) == 0 : report.extension == "pb.gz";
}

void ReportStream::write(std::string_view piece) {
  if (!started_ && !config_.output.empty()) {
    notice_("Generating report in " + config_.output);
    file_.open(config_.output, std::ios::binary | std::ios::trunc);
  }
  started_ = true;
  gzip_ ? gzip_->write(piece) : send(piece);
}

std::expected<void, std::string> ReportStream::finish(std::string_view piece) {
  write(piece);
  if (gzip_) gzip_->finish();
  if (config_.output.empty()) return {};
  file_.close();
  return written(config_.output, file_);
}

void ReportStream::send(std::string_view bytes) {
  if (config_.output.empty()) return cli::print(bytes);
  file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace gopsy::pprof
