#include "cli/serve.h"

#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"

namespace weir::cli {
namespace {

class ServeCommand final : public Command {
 public:
  std::string_view summary() const override { return "run with this configuration"; }
  void declare(Arguments& arguments) override {
    arguments.required("FILE", options_.path, "configuration: a YAML file, or a folder of them");
    arguments.flag("--takeover", options_.takeover,
                   "take over from the weir that runs, without losing anything");
    arguments.option("--socket", options_.socket,
                     "its Unix socket, if FILE names another (with --takeover)");
    arguments.about(
        "SIGHUP reads the configuration again and drops nothing. SIGTERM finishes what is in "
        "flight\n"
        "and ends weir; its instances run on, and the next weir adopts them.\n"
        "SIGUSR2 starts this program anew, maybe another version of it, which takes over.");
    arguments.example("weir serve /etc/weir/weir.yaml", "run in the foreground");
    arguments.example("weir serve weir.yaml --takeover", "an upgrade of the one that runs");
    arguments.example("weir serve examples/first_proxy/weir.yaml", "a first try");
  }
  int run(Shell& shell) override {
    if (shell.serve) return shell.serve(options_);
    shell.err << "weir: this program cannot serve\n";
    return kFailed;
  }

 private:
  ServeOptions options_;
};

}  // namespace

std::unique_ptr<Command> serve_command() { return std::make_unique<ServeCommand>(); }

}  // namespace weir::cli
