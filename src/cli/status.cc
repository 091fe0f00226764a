#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/status_decode.h"
#include "cli/status_view.h"

namespace weir::cli {
namespace {

constexpr Duration kRefresh = 1s;

class Status final : public Command {
 public:
  std::string_view summary() const override {
    return "show what runs, and what was scaled and why";
  }
  void declare(Arguments& arguments) override {
    arguments.flag("-w,--watch", watch_, "again each second; Ctrl-C ends it");
    arguments.flag("--json", json_, "as GET /api/v1/status gives it");
    arguments.where(where_);
    arguments.about(
        "Without a socket of its own it is read from 127.0.0.1:9901, where any user of this "
        "machine\n"
        "may read.");
    arguments.example("weir status", "once");
    arguments.example("weir status --watch", "a live view");
    arguments.example("weir status --json | jq .scaling_groups", "for scripts");
  }
  int run(Shell& shell) override {
    Client client(shell, where_, {}, true);
    if (!watch_) return show(client, "", shell);
    net::Reactor reactor(shell.clock);
    while (shell.out) {
      const Time next = reactor.clock().now() + kRefresh;
      // Also while weir is being started again.
      show(client, shell.terminal ? "\x1b[H\x1b[2J" : "", shell);
      if (!shell.terminal) shell.out << "\n";
      shell.out.flush();
      while (reactor.clock().now() < next) reactor.turn(next);
    }
    return kGood;
  }

 private:
  // `before`: what clears the screen, at the last moment.
  int show(Client& client, std::string_view before, Shell& shell) {
    const auto response = client.get("/api/v1/status");
    if (!response) return failed(shell, response.error());
    const auto node = client.parse(*response);
    if (!node) return failed(shell, node.error());
    if (json_) {
      shell.out << before << response->body;
      return kGood;
    }
    View view;
    view.width = shell.width;
    view.colour = shell.terminal;
    view.now = shell.clock.wall();
    shell.out << before << render_status(decode_status(*node), view);
    return kGood;
  }

  bool watch_ = false;
  bool json_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> status_command() { return std::make_unique<Status>(); }

}  // namespace weir::cli
