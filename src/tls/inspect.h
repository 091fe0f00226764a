// inspect: are the files that a configuration names for TLS fit for use? With the place in the
// configuration. Blocks: reads files.
#pragma once

#include <string>
#include <vector>

#include "config/mistake.h"
#include "model/desired.h"
#include "model/desired_validate.h"

namespace weir::tls {

// `strict`: what a running weir could live with, such as an expired certificate, is a mistake.
// `warnings`: what is no mistake, a line each.
void inspect(const Desired& desired, bool strict, WallTime now, config::Findings& findings,
             std::vector<std::string>& warnings);

// The machine as it is, and its files: for load(). `warnings`, where given, outlives it; else the
// log has them.
Host strict_host(std::vector<std::string>& warnings);
Host host();

}  // namespace weir::tls
