#include "cli/arguments.h"
#include "cli/changes.h"

namespace weir::cli {
namespace {

class Plan final : public Command {
 public:
  std::string_view summary() const override {
    return "show what applying a configuration would do";
  }
  void declare(Arguments& arguments) override {
    arguments.required("FILE", path_, "configuration: a YAML file, or a folder of them");
    arguments.where(where_);
    arguments.about("Compares with what runs; changes nothing. The socket is taken from FILE.");
    arguments.example("weir plan weir.yaml", "what `weir apply weir.yaml` would change");
  }
  int run(Shell& shell) override {
    const ChangeWords words{"plan", "nothing to do: this is what runs", "to do: "};
    return change(path_, where_, words, shell);
  }

 private:
  std::string path_;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> plan_command() { return std::make_unique<Plan>(); }

}  // namespace weir::cli
