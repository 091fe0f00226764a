#include "cli/command.h"

namespace weir::cli {

#define COMMAND(name) std::unique_ptr<Command> name##_command();
#include "cli/commands.def"
#undef COMMAND

namespace {

constexpr CommandRow kCommands[] = {
#define COMMAND(name) {#name, &name##_command},
#include "cli/commands.def"
#undef COMMAND
};

}  // namespace

std::span<const CommandRow> commands() { return kCommands; }

}  // namespace weir::cli
