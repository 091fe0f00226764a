#include <fmt/format.h>

#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/table.h"

namespace weir::cli {
namespace {

Colour colour_of(const std::string& state) {
  return state == "ALARM" ? Colour::red : state == "OK" ? Colour::green : Colour::yellow;
}

class Alarms final : public Command {
 public:
  std::string_view summary() const override { return "show alarms, and set the state of one"; }
  void declare(Arguments& arguments) override {
    arguments.optional("NAME", name_, "of one: with its history");
    arguments.flag("--json", json_, "as the API gives it");
    arguments.option("--set", state_, "OK, ALARM or INSUFFICIENT_DATA, until it is judged next");
    arguments.option("--reason", reason_, "why it is set (set by hand)");
    arguments.where(where_);
    arguments.about(
        "A state that is set by hand lasts until the end of the alarm's period; what is to be\n"
        "done in that state is done.");
    arguments.example("weir alarms", "all of them");
    arguments.example("weir alarms high --set ALARM --reason drill", "does what it does in alarm");
  }
  int run(Shell& shell) override {
    if (!state_.empty() && name_.empty()) {
      shell.err << "weir: --set needs the NAME of an alarm\n";
      return kUsage;
    }
    Client client(shell, where_, {}, state_.empty());
    const std::string path = "/api/v1/alarms" + (name_.empty() ? "" : "/" + url_text(name_));
    if (!state_.empty()) {
      const auto response = client.post(
          path + "/state",
          fmt::format("{{\"state\":{},\"reason\":{}}}", json_text(state_), json_text(reason_)));
      if (!response) return failed(shell, response.error());
      const auto answer = client.parse(*response);
      if (!answer) return failed(shell, answer.error());
      shell.out << name_ << ": " << state_ << "\n";
      return kGood;
    }
    const auto response = client.get(path);
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    if (json_) {
      shell.out << response->body;
    } else if (name_.empty()) {
      show(list_of(*answer, "alarms"), shell);
    } else {
      show({*answer}, shell);
      show_history(*answer, shell);
    }
    return kGood;
  }

 private:
  static void show(const std::vector<config::Node>& alarms, Shell& shell) {
    Table table({"ALARM", "STATE", "SINCE", "NEWEST", "THRESHOLD", "METRIC", "REASON"}, 0);
    for (const config::Node& one : alarms) {
      const std::string state = text_of(one, "state");
      const std::string off = flag_of(one, "actions_enabled") ? "" : " (no actions)";
      table.add({printable(text_of(one, "name")),
                 {state + off, colour_of(state)},
                 text_of(one, "since"),
                 text_of(one, "newest"),
                 text_of(one, "threshold"),
                 printable(text_of(one, "metric")),
                 printable(text_of(one, "reason"))});
    }
    if (table.empty()) {
      shell.out << "no alarms\n";
    } else {
      shell.out << table.render(shell.width, shell.terminal);
    }
  }

  static void show_history(const config::Node& alarm, Shell& shell) {
    Table table({"TIME", "FROM", "TO", "BY", "REASON"}, 2);
    for (const config::Node& one : list_of(alarm, "history")) {
      table.add({text_of(one, "time"),
                 text_of(one, "from"),
                 {text_of(one, "to"), colour_of(text_of(one, "to"))},
                 flag_of(one, "by_hand") ? "hand" : "",
                 printable(text_of(one, "reason"))});
    }
    if (!table.empty()) shell.out << table.render(shell.width, shell.terminal);
  }

  std::string name_;
  std::string state_;
  std::string reason_ = "set by hand";
  bool json_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> alarms_command() { return std::make_unique<Alarms>(); }

}  // namespace weir::cli
