#include "base/text.h"
#include "decode/log/carrier/carrier.h"
#include "decode/log/clock.h"

namespace gopsy::decode::log {

// `2026-11-22T10:00:00.123456789Z stderr F text`: containerd and CRI-O. `P` says that the line goes on; tags of later
// versions follow behind a colon. Source: kubernetes/kubernetes pkg/kubelet/kuberuntime/logs/logs.go, parseCRILog.
bool undo_cri(const Line& line, const Emit& emit) {
  std::string_view rest = line.text;
  if (rest.size() < 28 || rest[4] != '-' || rest[10] != 'T') return false;
  const auto time = take_time(rest);
  if (!time || !consume(rest, " std")) return false;
  const std::string_view stream = consume(rest, "out ") ? "stdout" : consume(rest, "err ") ? "stderr" : "";
  if (stream.empty() || rest.empty() || (rest[0] != 'P' && rest[0] != 'F')) return false;
  Line out = line;
  out.partial = rest[0] == 'P';
  rest.remove_prefix(1);
  if (rest.starts_with(':')) rest.remove_prefix(std::min(rest.find(' '), rest.size()));
  // An empty line may have lost the blank behind its tag.
  if (!rest.empty() && !consume(rest, " ")) return false;
  out.text = rest;
  out.time_ns = *time;
  out.process = mixed(line.process, stream);
  emit(out);
  return true;
}

}  // namespace gopsy::decode::log
