#include <fmt/format.h>

#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

class Scale final : public Command {
 public:
  std::string_view summary() const override { return "set the desired size of a scaling group"; }
  void declare(Arguments& arguments) override {
    arguments.required("GROUP", group_, "name of the scaling group");
    arguments.required("N", count_, "instances, between its min and max");
    arguments.where(where_);
    arguments.about("The group's policies go on from there.");
    arguments.example("weir scale ocr 3", "three instances of ocr");
  }
  int run(Shell& shell) override {
    Client client(shell, where_);
    const auto response =
        client.post(fmt::format("/api/v1/scaling_groups/{}/scale", url_text(group_)),
                    fmt::format("{{\"desired\":{}}}", count_));
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    shell.out << group_ << ": desired capacity " << count_ << "\n";
    return kGood;
  }

 private:
  std::string group_;
  std::uint32_t count_ = 0;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> scale_command() { return std::make_unique<Scale>(); }

}  // namespace weir::cli
