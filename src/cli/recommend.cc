#include <fmt/format.h>

#include <ostream>

#include "cli/playing.h"
#include "cli/simulate_view.h"
#include "simulate/search.h"

namespace weir::cli {
namespace {

class Recommend final : public Command {
 public:
  std::string_view summary() const override { return "find scaling policies that keep a goal"; }
  void declare(Arguments& arguments) override {
    playing_.declare(arguments);
    arguments.about(
        "Plays the trace with one policy after the other, each with the least minimum that keeps\n"
        "the goal, and prints them by their cost, then the best one as YAML. Exit status 1 where\n"
        "none keeps the goal.");
    arguments.example("weir recommend weir.yaml --trace t.csv --slo 'p95<2s'",
                      "the cheapest within two seconds");
  }

  int run(Shell& shell) override {
    const auto scenario = playing_.scenario(shell);
    if (!scenario) return kUsage;
    if (!scenario->goal) {
      shell.err << "weir: no goal: --slo 'p95<2s', or simulation.slo in the configuration\n";
      return kUsage;
    }
    const auto trace = playing_.trace(*scenario, shell);
    if (!trace) return kUsage;
    const Time began = shell.clock.now();
    // A day of many requests takes a minute: each replay shows itself.
    const auto found = simulate::recommend(*trace, *scenario, [&shell](const auto&) {
      if (shell.terminal) shell.err << '.' << std::flush;
    });
    if (shell.terminal) shell.err << '\n';
    if (!found) {
      shell.err << "weir: " << found.error().message << "\n";
      return kFailed;
    }
    shell.err << fmt::format("played {} times in {:.1f} s\n", found->replays,
                             seconds(shell.clock.now() - began));
    shell.out << render_recommendation(*trace, *scenario, *found, shell.width, shell.terminal);
    if (!found->found()) {
      shell.out << "\nNothing that was tried keeps the goal.\n";
      return kFailed;
    }
    shell.out << "\n" << simulate::yaml_of(scenario->group, found->candidates.front());
    return kGood;
  }

 private:
  Playing playing_;
};

}  // namespace

std::unique_ptr<Command> recommend_command() { return std::make_unique<Recommend>(); }

}  // namespace weir::cli
