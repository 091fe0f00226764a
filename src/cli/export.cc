#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

class Export final : public Command {
 public:
  std::string_view summary() const override { return "print the configuration that runs"; }
  void declare(Arguments& arguments) override {
    arguments.flag("--json", json_, "as JSON");
    arguments.where(where_);
    arguments.about("As YAML without defaults; `weir apply` takes it back.");
    arguments.example("weir export > weir.yaml", "keep what runs");
  }
  int run(Shell& shell) override {
    Client client(shell, where_);
    const auto response = client.get(json_ ? "/api/v1/export" : "/api/v1/export?format=yaml");
    if (!response) return failed(shell, response.error());
    if (response->status != 200) {
      const auto error = client.parse(*response);
      return failed(shell, error ? Error(Code::internal, "no configuration came") : error.error());
    }
    shell.out << response->body;
    return kGood;
  }

 private:
  bool json_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> export_command() { return std::make_unique<Export>(); }

}  // namespace weir::cli
