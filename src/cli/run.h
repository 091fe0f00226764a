// run: the command line of weir.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/serve.h"

namespace weir::cli {

// The exit status: 0 good, 1 failed, 2 bad usage or bad configuration.
int run(int argc, char** argv, Serve serve);
// The same for tests: `words` without the program's name.
int run(std::vector<std::string> words, Shell& shell);

}  // namespace weir::cli
