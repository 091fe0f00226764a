#include <fmt/format.h>

#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

class Protect final : public Command {
 public:
  std::string_view summary() const override { return "keep an instance from being scaled in"; }
  void declare(Arguments& arguments) override {
    arguments.required("INSTANCE", instance_, "its id");
    arguments.flag("--off", off_, "it may be scaled in again");
    arguments.where(where_);
    arguments.about(
        "A scale-in takes others. Where too many are protected, the group stays larger than\n"
        "desired. What is unhealthy is replaced all the same, and weir drain still ends it.");
    arguments.example("weir protect i-0123456789abcdef0", "while it works off a long job");
  }
  int run(Shell& shell) override {
    Client client(shell, where_);
    const auto response = client.post("/api/v1/instances/" + url_text(instance_) + "/protect",
                                      fmt::format("{{\"off\":{}}}", off_));
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    shell.out << instance_ << (off_ ? ": may be scaled in\n" : ": protected from scale-in\n");
    return kGood;
  }

 private:
  std::string instance_;
  bool off_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> protect_command() { return std::make_unique<Protect>(); }

}  // namespace weir::cli
