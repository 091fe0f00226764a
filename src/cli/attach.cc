#include <fmt/format.h>

#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

class Attach final : public Command {
 public:
  std::string_view summary() const override {
    return "bring a detached instance back, or into another group";
  }
  void declare(Arguments& arguments) override {
    arguments.required("INSTANCE", instance_, "its id");
    arguments.option("--to", group_, "another scaling group, of the same provider");
    arguments.where(where_);
    arguments.about("Desired of the group rises by one.");
    arguments.example("weir attach i-0123456789abcdef0", "after weir detach");
    arguments.example("weir attach i-0123456789abcdef0 --to canary", "into another group");
  }
  int run(Shell& shell) override {
    Client client(shell, where_);
    const auto response =
        client.post("/api/v1/instances/" + url_text(instance_) + "/attach", body());
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    shell.out << instance_ << ": on its way into service\n";
    return kGood;
  }

 private:
  std::string body() const {
    return group_.empty() ? "{}" : fmt::format("{{\"group\":{}}}", json_text(group_));
  }

  std::string instance_;
  std::string group_;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> attach_command() { return std::make_unique<Attach>(); }

}  // namespace weir::cli
