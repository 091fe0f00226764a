// Command: one word of the command line; its file declares its arguments and does its work.
//
// To add one: cli/NAME.cc with `std::unique_ptr<Command> NAME_command()`, a row in commands.def.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cli/serve.h"

namespace weir::cli {

enum Exit : int { kGood = 0, kFailed = 1, kUsage = 2 };

// What a command sees of the world.
struct Shell {
  std::ostream& out;
  std::ostream& err;
  std::function<std::string(const char* name)> variable;  // of the environment; "" without
  bool terminal = false;    // out is one: colours, and a screen to redraw
  std::size_t width = 160;  // of its lines
  const Clock& clock = system_clock();
  Serve serve = nullptr;
};

class Arguments;

class Command {
 public:
  virtual ~Command() = default;
  // In one line, for the overview.
  virtual std::string_view summary() const = 0;
  // Binds what is given to members.
  virtual void declare(Arguments& arguments) = 0;
  virtual int run(Shell& shell) = 0;
};

struct CommandRow {
  std::string_view name;
  std::unique_ptr<Command> (*make)();
};
// All, in the order of commands.def.
std::span<const CommandRow> commands();

}  // namespace weir::cli
