#include <fmt/format.h>

#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

class Complete final : public Command {
 public:
  std::string_view summary() const override {
    return "answer a lifecycle hook that an instance waits for";
  }
  void declare(Arguments& arguments) override {
    arguments.required("INSTANCE", instance_, "its id");
    arguments.required("HOOK", hook_, "name of the hook");
    arguments.flag("--abandon", abandon_, "what had to be done has failed");
    arguments.flag("--heartbeat", heartbeat_, "it is still at work: its timeout begins again");
    arguments.where(where_);
    arguments.about(
        "An instance that is launched goes into service once all its hooks are answered, and is\n"
        "replaced with --abandon. One that terminates is stopped either way.");
    arguments.example("weir complete i-0123456789abcdef0 load_adapter", "the adapter is loaded");
  }
  int run(Shell& shell) override {
    if (abandon_ && heartbeat_) {
      return failed(shell, Error{Code::invalid, "--abandon and --heartbeat exclude each other"});
    }
    const char* result = abandon_ ? "abandon" : heartbeat_ ? "heartbeat" : "continue";
    Client client(shell, where_);
    const auto response =
        client.post("/api/v1/instances/" + url_text(instance_) + "/hook",
                    fmt::format("{{\"hook\":{},\"result\":\"{}\"}}", json_text(hook_), result));
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    shell.out << instance_ << ": " << hook_ << ": " << result << "\n";
    return kGood;
  }

 private:
  std::string instance_;
  std::string hook_;
  bool abandon_ = false;
  bool heartbeat_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> complete_command() { return std::make_unique<Complete>(); }

}  // namespace weir::cli
