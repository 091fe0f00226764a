// loading: the configuration that a command is given, with its mistakes told as all commands do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "model/desired_decode.h"

namespace weir::cli {

// nullopt: its mistakes have been printed, one a line; the command ends with kUsage.
std::optional<Desired> load_or_complain(const std::string& path, Shell& shell);

// Where the admin socket of a weir with this configuration is.
std::string socket_of(const Desired& desired);

// "1 listener", "2 listeners"
std::string count_of(std::size_t n, const std::string& what);

}  // namespace weir::cli
