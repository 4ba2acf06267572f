#pragma once

#include "analyze/pprof/config.h"
#include "app/pprof/session.h"
#include "serve/http_server.h"

namespace gopsy::pprof {

/// The pages of `gopsy pprof -http`: flame graph, table, call graph, callers, source, machine code, labels, samples,
/// the profile itself.
///
/// Shape   paths and parameters are those of pprof's web interface ("/top?f=RE&si=cpu"), so that bookmarks and links
///         hold; each setting may also be named as its flag is. Pages work without scripts.
/// Errors  are part of the page that was asked for.
/// Source  internal/driver/webui.go, config.go urlparam.
class Site {
 public:
  Site(Session& session, Config config);

  serve::Answer answer(const serve::Question& question);

 private:
  Session& session_;
  Config config_;
};

}  // namespace gopsy::pprof
