#include <fmt/format.h>

#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

class Interrupt final : public Command {
 public:
  std::string_view summary() const override { return "say when an instance is taken away"; }
  void declare(Arguments& arguments) override {
    arguments.required("INSTANCE", instance_, "its id");
    arguments.option("--in", in_, "from now (default 2m)");
    arguments.where(where_);
    arguments.about(
        "As the notice of a spot instance: its replacement is started at once, it takes nothing\n"
        "new once somebody else serves, and it is stopped shortly before its end. SIGPWR to weir\n"
        "says so of all spot instances here.");
    arguments.example("weir interrupt i-0123456789abcdef0 --in 2m",
                      "its machine goes in 2 minutes");
  }
  int run(Shell& shell) override {
    Client client(shell, where_);
    const auto response = client.post("/api/v1/instances/" + url_text(instance_) + "/interruption",
                                      fmt::format("{{\"in\":{}}}", json_text(in_)));
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    shell.out << instance_ << ": ends in " << in_ << "\n";
    return kGood;
  }

 private:
  std::string instance_;
  std::string in_ = "2m";
  Where where_;
};

}  // namespace

std::unique_ptr<Command> interrupt_command() { return std::make_unique<Interrupt>(); }

}  // namespace weir::cli
