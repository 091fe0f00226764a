// Serve: the function behind `weir serve`. `cli` knows nothing of it; `app` hands it in.
#pragma once

#include <string>

namespace weir::cli {

struct ServeOptions {
  std::string path;       // the configuration: a file or a folder
  bool takeover = false;  // from the weir that runs
  std::string socket;     // of that one, if FILE names another
};

// Returns the exit status: 0 good, 1 failed, 2 bad configuration.
using Serve = int (*)(const ServeOptions&);

}  // namespace weir::cli
