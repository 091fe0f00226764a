#include "cli/command.h"

namespace weir::cli {

#define COMMAND(name) std::unique_ptr<Command> name##_command();
#include "cli/commands.def"
#undef COMMAND

namespace {

// shift_zone is written shift-zone.
template <std::size_t N>
struct Spelled {
  constexpr explicit Spelled(const char (&name)[N]) {
    for (std::size_t i = 0; i < N; ++i) text[i] = name[i] == '_' ? '-' : name[i];
  }
  char text[N]{};
};

#define COMMAND(name) constexpr Spelled k_##name(#name);
#include "cli/commands.def"
#undef COMMAND

constexpr CommandRow kCommands[] = {
#define COMMAND(name) {k_##name.text, &name##_command},
#include "cli/commands.def"
#undef COMMAND
};

}  // namespace

std::span<const CommandRow> commands() { return kCommands; }

}  // namespace weir::cli
