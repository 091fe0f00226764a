#include <fmt/format.h>

#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

class Detach final : public Command {
 public:
  std::string_view summary() const override {
    return "take an instance out of its scaling group; it runs on";
  }
  void declare(Arguments& arguments) override {
    arguments.required("INSTANCE", instance_, "its id");
    arguments.flag("--replace", replace_, "desired stays, and another instance comes in its place");
    arguments.where(where_);
    arguments.about(
        "It takes nothing new, ends what it has, and is left to you: not checked, not counted, "
        "not\n"
        "ended by a scale-in. weir attach brings it back, weir drain ends it.");
    arguments.example("weir detach i-0123456789abcdef0", "to keep it for yourself");
  }
  int run(Shell& shell) override {
    Client client(shell, where_);
    const auto response = client.post("/api/v1/instances/" + url_text(instance_) + "/detach",
                                      fmt::format("{{\"replace\":{}}}", replace_));
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    shell.out << instance_ << ": on its way out of its group\n";
    return kGood;
  }

 private:
  std::string instance_;
  bool replace_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> detach_command() { return std::make_unique<Detach>(); }

}  // namespace weir::cli
