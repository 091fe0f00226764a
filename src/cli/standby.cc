#include <fmt/format.h>

#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

class Standby final : public Command {
 public:
  std::string_view summary() const override { return "take an instance out of service, and back"; }
  void declare(Arguments& arguments) override {
    arguments.required("INSTANCE", instance_, "its id");
    arguments.flag("--off", off_, "back into service");
    arguments.flag("--replace", replace_, "desired stays, and another instance comes in its place");
    arguments.where(where_);
    arguments.about(
        "It takes nothing new, ends what it has, and runs on: to look at it, or to repair it. It\n"
        "is not replaced when it fails there. Desired sinks by one, and rises with --off.");
    arguments.example("weir standby i-0123456789abcdef0", "to see why it is slow");
  }
  int run(Shell& shell) override {
    Client client(shell, where_);
    const auto response = client.post("/api/v1/instances/" + url_text(instance_) + "/standby",
                                      fmt::format("{{\"off\":{},\"replace\":{}}}", off_, replace_));
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    shell.out << instance_ << (off_ ? ": on its way into service\n" : ": on its way to standby\n");
    return kGood;
  }

 private:
  std::string instance_;
  bool off_ = false;
  bool replace_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> standby_command() { return std::make_unique<Standby>(); }

}  // namespace weir::cli
