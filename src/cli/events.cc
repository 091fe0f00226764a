#include <fmt/format.h>

#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/table.h"
#include "config/json.h"

namespace weir::cli {
namespace {

class Events final : public Command {
 public:
  std::string_view summary() const override {
    return "show what happened, and follow what happens";
  }
  void declare(Arguments& arguments) override {
    arguments.flag("-f,--follow", follow_, "go on as it happens; Ctrl-C ends it");
    arguments.flag("--json", json_, "one JSON object a line");
    arguments.option("-n,--lines", lines_, "how many of the last ones (20)");
    arguments.where(where_);
    arguments.about(
        "Launches, ends and failures of instances, alarms, refreshes, hooks and notices: the\n"
        "kinds that notifications know. The last thousand are kept.");
    arguments.example("weir events -f", "the last ones, then what comes");
    arguments.example("weir events -f --json | jq .kind", "for scripts");
  }
  int run(Shell& shell) override {
    Client client(shell, where_, {}, true);
    const auto response = client.get(fmt::format("/api/v1/events?follow=false&limit={}", lines_));
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    for (const config::Node& event : list_of(*answer, "events")) print(event, shell);
    shell.out.flush();
    if (!follow_) return kGood;
    const auto ended =
        client.follow("/api/v1/events?after=" + text_of(*answer, "last"),
                      [this, &shell](std::string_view bytes) { return take(bytes, shell); });
    if (!shell.out) return kGood;
    return failed(shell, ended ? Error(Code::unavailable, "weir ended") : ended.error());
  }

 private:
  // Lines of server-sent events; what is of use to us begins with "data: ".
  bool take(std::string_view bytes, Shell& shell) {
    pending_ += bytes;
    for (auto end = pending_.find('\n'); end != pending_.npos; end = pending_.find('\n')) {
      const std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      if (!line.starts_with("data: ")) continue;
      config::Findings findings;
      print(config::parse_json(line.substr(6), 0, findings), shell);
    }
    shell.out.flush();
    return static_cast<bool>(shell.out);
  }

  void print(const config::Node& event, Shell& shell) const {
    if (json_) {
      shell.out << config::write_json(event, -1) << "\n";
      return;
    }
    std::string line = fmt::format("{}  {:<15}  ", text_of(event, "time"), text_of(event, "kind"));
    if (const std::string group = text_of(event, "group"); !group.empty()) line += group + "  ";
    line += text_of(event, "description");
    if (const std::string cause = text_of(event, "cause"); !cause.empty())
      line += " (" + cause + ")";
    shell.out << printable(line) << "\n";
  }

  bool follow_ = false;
  bool json_ = false;
  std::uint32_t lines_ = 20;
  std::string pending_;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> events_command() { return std::make_unique<Events>(); }

}  // namespace weir::cli
