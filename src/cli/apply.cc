#include "cli/arguments.h"
#include "cli/changes.h"

namespace weir::cli {
namespace {

class Apply final : public Command {
 public:
  std::string_view summary() const override { return "apply a configuration to the running weir"; }
  void declare(Arguments& arguments) override {
    arguments.required("FILE", path_, "configuration: a YAML file, or a folder of them");
    arguments.where(where_);
    arguments.about(
        "All of it or, with any mistake, nothing. No connection, stream or waiting request is\n"
        "dropped. What FILE declared before and does not any more goes; what other files or the "
        "API\n"
        "declared stays. The socket is taken from FILE.");
    arguments.example("weir apply weir.yaml", "change what runs");
  }
  int run(Shell& shell) override {
    const ChangeWords words{"apply", "nothing to do: this is what runs", "applied: "};
    return change(path_, where_, words, shell);
  }

 private:
  std::string path_;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> apply_command() { return std::make_unique<Apply>(); }

}  // namespace weir::cli
