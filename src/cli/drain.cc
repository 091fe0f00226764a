#include <fmt/format.h>

#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

class Drain final : public Command {
 public:
  std::string_view summary() const override {
    return "send nothing new to an endpoint or instance";
  }
  void declare(Arguments& arguments) override {
    arguments.required("TARGET", target_, "an instance, an address, or GROUP/ADDRESS");
    arguments.flag("--back", back_, "undo it, for a static endpoint");
    arguments.where(where_);
    arguments.about(
        "What is in flight ends in peace. An instance is stopped after its last stream, and\n"
        "replaced; a static endpoint stays out until --back.");
    arguments.example("weir drain 10.0.0.7:9001", "before its host is rebooted");
    arguments.example("weir drain 10.0.0.7:9001 --back", "after that");
  }
  int run(Shell& shell) override {
    Client client(shell, where_);
    const auto response = client.post(
        "/api/v1/drain", fmt::format("{{\"target\":{},\"back\":{}}}", json_text(target_), back_));
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    shell.out << target_ << (back_ ? ": back in rotation\n" : ": draining\n");
    return kGood;
  }

 private:
  std::string target_;
  bool back_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> drain_command() { return std::make_unique<Drain>(); }

}  // namespace weir::cli
