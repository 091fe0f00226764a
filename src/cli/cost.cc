#include <fmt/format.h>

#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/status_decode.h"
#include "cli/table.h"

namespace weir::cli {
namespace {

std::vector<Cell> row(const std::string& name, const control::CostStatus& cost) {
  return {Cell(name, Colour::bold),
          fmt::format("{:.2f}", cost.per_hour),
          fmt::format("{:.2f}", cost.today_money),
          fmt::format("{:.1f}", cost.today_instance_hours),
          fmt::format("{:.2f}", cost.money),
          fmt::format("{:.1f}", cost.instance_hours),
          fmt::format("{:.2f}", cost.fixed_money),
          fmt::format("{:.0f}%", 100 * cost.saved_share)};
}

class Cost final : public Command {
 public:
  std::string_view summary() const override { return "what scaling groups cost, and save"; }
  void declare(Arguments& arguments) override {
    arguments.flag("--json", json_, "as the API answers");
    arguments.where(where_);
    arguments.about(
        "Money is in the currency of the prices in the configuration; hours are of instances,\n"
        "from their start to their end. Today begins at midnight UTC. FIXED is what as many\n"
        "instances as there ever were at once would have cost, all the time.");
    arguments.example("weir cost", "each group, and all of them");
  }
  int run(Shell& shell) override {
    Client client(shell, where_, {}, true);
    const auto response = client.get("/api/v1/cost");
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    if (json_) {
      shell.out << response->body;
      return kGood;
    }
    Table table({"GROUP", "PER HOUR", "TODAY", "HOURS", "SO FAR", "HOURS", "FIXED", "SAVED"}, 0);
    for (const config::Node& group : list_of(*answer, "scaling_groups")) {
      if (const config::Entry* cost = group.find("cost")) {
        table.add(row(text_of(group, "name"), cost_of(cost->value)));
      }
    }
    if (const config::Entry* total = answer->find("total")) {
      table.add(row("all", cost_of(total->value)));
    }
    shell.out << table.render(shell.width, shell.terminal);
    return kGood;
  }

 private:
  bool json_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> cost_command() { return std::make_unique<Cost>(); }

}  // namespace weir::cli
