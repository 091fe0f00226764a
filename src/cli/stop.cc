#include <fmt/format.h>
#include <poll.h>

#include <cerrno>
#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

constexpr int kPatience = 2000;  // milliseconds; then a word on what it waits for

class Stop final : public Command {
 public:
  std::string_view summary() const override { return "drain and end the running weir"; }
  void declare(Arguments& arguments) override {
    arguments.flag("--instances", instances_, "end its instances too");
    arguments.flag("--no-wait", no_wait_, "do not wait until it has ended");
    arguments.where(where_);
    arguments.about(
        "It takes no more connections and finishes what is in flight (drain_timeout bounds it).\n"
        "Its instances run on for the next weir to adopt, unless --instances is given.");
    arguments.example("weir stop", "weir alone");
    arguments.example("weir stop --instances", "all of it");
  }
  int run(Shell& shell) override {
    Client client(shell, where_);
    const auto response =
        client.post("/api/v1/stop", fmt::format("{{\"instances\":{}}}", instances_));
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    if (no_wait_) {
      shell.out << "stopping\n";
      return kGood;
    }
    return wait(response->process, client, shell);
  }

 private:
  // Until its process has ended.
  static int wait(const net::Fd& process, Client& client, Shell& shell) {
    if (!process) return wait_for_silence(client, shell);
    pollfd waiting{process.get(), POLLIN, 0};
    int patience = kPatience;
    while (true) {
      const int ready = ::poll(&waiting, 1, patience);
      if (ready > 0) break;
      if (ready < 0 && errno != EINTR) {
        return failed(shell, Error(Code::internal, "its process can't be watched"));
      }
      if (ready == 0) shell.err << "waiting for what is in flight\n" << std::flush;
      patience = -1;
    }
    shell.out << "stopped\n";
    return kGood;
  }

  // Where there is no pidfd: until nobody answers.
  static int wait_for_silence(Client& client, Shell& shell) {
    net::Reactor reactor(shell.clock);
    while (client.get("/healthz")) reactor.turn(reactor.clock().now() + 100ms);
    shell.out << "stopped\n";
    return kGood;
  }

  bool instances_ = false;
  bool no_wait_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> stop_command() { return std::make_unique<Stop>(); }

}  // namespace weir::cli
