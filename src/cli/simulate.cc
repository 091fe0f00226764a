#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <ostream>
#include <vector>

#include "base/units.h"
#include "cli/playing.h"
#include "cli/simulate_view.h"
#include "simulate/replay.h"
#include "simulate/report_html.h"
#include "simulate/report_json.h"

namespace weir::cli {
namespace {

using simulate::Report;
using simulate::Scenario;

// kpa, or kpa=0.8: a reference and the utilisation that it aims at.
struct Named {
  std::string name;
  std::optional<double> target;
};

std::optional<Named> parse_named(const std::string& text) {
  const auto sign = text.find('=');
  Named named{text.substr(0, sign), {}};
  if (sign == std::string::npos) return named;
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data() + sign + 1, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value > 0 && value <= 2)) {
    return std::nullopt;
  }
  named.target = value;
  return named;
}

class Simulate final : public Command {
 public:
  std::string_view summary() const override { return "play a trace against a configuration"; }
  void declare(Arguments& arguments) override {
    playing_.declare(arguments);
    arguments.option("--compare", compare_,
                     "another configuration, or a reference and its target utilisation: "
                     "kpa=0.7; may be repeated");
    arguments.option("--html", html_, "writes a page with plots to this file");
    arguments.flag("--json", json_, "print JSON");
    arguments.about(
        "Replays the requests, one by one, through weir's own admission, choice and scaling, with\n"
        "servers as `simulation:` of FILE describes them and a virtual clock. Nothing is started.\n"
        "References: ec2_predictive, ec2_target_tracking, hpa_concurrency, hpa_utilisation, keda,\n"
        "kpa, oracle (which knows the future) and static_peak; without a target they aim at 0.7.");
    arguments.example("weir simulate weir.yaml --trace t.csv", "what FILE would have done");
    arguments.example("weir simulate a.yaml --trace t.csv --compare b.yaml --compare kpa",
                      "beside others");
    arguments.example("weir simulate weir.yaml --trace t.csv --html out.html", "with plots");
  }

  int run(Shell& shell) override {
    const auto first = playing_.scenario(shell);
    if (!first) return kUsage;
    std::vector<Scenario> scenarios = {*first};
    for (const std::string& other : compare_) {
      auto scenario = compared(other, *first, shell);
      if (!scenario) return kUsage;
      scenarios.push_back(std::move(*scenario));
    }
    const auto trace = playing_.trace(*first, shell);
    if (!trace) return kUsage;
    std::vector<Report> reports;
    for (const Scenario& scenario : scenarios) {
      const Time began = shell.clock.now();
      auto report = simulate::replay(*trace, scenario);
      if (!report) {
        shell.err << "weir: " << scenario.name << ": " << report.error().message << "\n";
        return kFailed;
      }
      shell.err << fmt::format("played {} in {:.2f} s\n", scenario.name,
                               seconds(shell.clock.now() - began));
      reports.push_back(std::move(*report));
    }
    return show(*trace, reports, shell);
  }

 private:
  std::optional<Scenario> compared(const std::string& text, const Scenario& first,
                                   Shell& shell) const {
    const auto named = parse_named(text);
    if (named) {
      if (const auto reference = simulate::reference_of(named->name)) {
        Scenario scenario = first;
        scenario.name = text;
        scenario.reference = *reference;
        scenario.reference_target = named->target.value_or(scenario.reference_target);
        return scenario;
      }
    }
    const bool is_file = text.find('.') != std::string::npos || text.find('/') != std::string::npos;
    if (named && is_file && !named->target) return playing_.scenario(text, shell);
    shell.err << "weir: --compare " << text << ": "
              << (named ? simulate::reference_of(named->name).error().message
                        : "the target is a utilisation above 0, such as 0.7")
              << "\n";
    return std::nullopt;
  }

  int show(const simulate::RequestTrace& trace, const std::vector<Report>& reports, Shell& shell) {
    if (!html_.empty()) {
      std::ofstream file(html_, std::ios::binary);
      file << simulate::html_of(trace, reports);
      file.close();
      if (!file) {
        shell.err << "weir: " << html_ << ": cannot be written\n";
        return kFailed;
      }
    }
    shell.out << (json_ ? simulate::json_of(trace, reports)
                        : render_reports(trace, reports, shell.width, shell.terminal));
    return kGood;
  }

  Playing playing_;
  std::vector<std::string> compare_;
  std::string html_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> simulate_command() { return std::make_unique<Simulate>(); }

}  // namespace weir::cli
