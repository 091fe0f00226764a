// serve: wires the parts into the running program. The only place that knows every folder.
#pragma once

#include "cli/serve.h"

namespace weir::app {

// Until SIGTERM, SIGINT or `weir stop`. The exit status: 0 good, 1 failed, 2 bad config.
int serve(const cli::ServeOptions& options);

}  // namespace weir::app
