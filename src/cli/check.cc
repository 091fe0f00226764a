#include <ostream>

#include "cli/arguments.h"
#include "cli/loading.h"

namespace weir::cli {
namespace {

class Check final : public Command {
 public:
  std::string_view summary() const override { return "say all that is wrong in a configuration"; }
  void declare(Arguments& arguments) override {
    arguments.required("FILE", path_, "configuration: a YAML file, or a folder of them");
    arguments.about(
        "Each mistake on its own line: file:line:column: path: what is wrong: remedy. Exit status "
        "2\n"
        "if there are any. Nothing has to run, and nothing is changed.");
    arguments.example("weir check weir.yaml", "before `weir apply`, or in a build");
  }
  int run(Shell& shell) override {
    const auto desired = load_or_complain(path_, shell);
    if (!desired) return kUsage;
    shell.out << "ok: " << count_of(desired->listeners.size(), "listener") << ", "
              << count_of(desired->target_groups.size(), "target group") << ", "
              << count_of(desired->scaling_groups.size(), "scaling group") << "\n";
    return kGood;
  }

 private:
  std::string path_;
};

}  // namespace

std::unique_ptr<Command> check_command() { return std::make_unique<Check>(); }

}  // namespace weir::cli
