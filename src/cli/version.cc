#include "cli/version.h"

#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"

namespace weir::cli {
namespace {

class Version final : public Command {
 public:
  std::string_view summary() const override { return "print the version"; }
  void declare(Arguments& arguments) override {
    arguments.example("weir version", "of this program; of a running one: `weir status`");
  }
  int run(Shell& shell) override {
    shell.out << "weir " << version() << "\n";
    return kGood;
  }
};

}  // namespace

std::string_view version() { return WEIR_VERSION; }

std::unique_ptr<Command> version_command() { return std::make_unique<Version>(); }

}  // namespace weir::cli
