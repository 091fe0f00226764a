#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <ostream>
#include <vector>

#include "cli/arguments.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

constexpr std::uint32_t kUnsaid = ~0u;

// "20,50,100"
Result<std::vector<std::uint32_t>> percentages(std::string_view text) {
  std::vector<std::uint32_t> result;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + comma, number);
    if (error != std::errc() || end != text.data() + comma) {
      return fail(Code::invalid, "--checkpoints takes percentages: 20,50,100");
    }
    result.push_back(number);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return result;
}

class Refresh final : public Command {
 public:
  std::string_view summary() const override {
    return "replace the instances of a scaling group, step by step";
  }
  void declare(Arguments& arguments) override {
    arguments.required("GROUP", group_, "name of the scaling group");
    arguments.option("--min-healthy", min_healthy_,
                     "percent of desired that stays in service; default: as the group says");
    arguments.option("--max-healthy", max_healthy_,
                     "percent of desired that may be there; above 100 the new one comes first");
    arguments.option("--checkpoints", checkpoints_, "percentages at which it waits: 20,50,100");
    arguments.option("--checkpoint-delay", delay_, "how long it waits there: 10m");
    arguments.option("--canary", canary_,
                     "percent of the requests for new instances up to the first checkpoint");
    arguments.flag("--all", all_, "also instances that have the version already");
    arguments.flag("--auto-rollback", auto_rollback_, "goes back where it fails");
    arguments.flag("--cancel", cancel_, "stops the one that runs where it is");
    arguments.flag("--rollback", rollback_, "takes back the one that runs");
    arguments.where(where_);
    arguments.about(
        "After a change of launch: new instances come, old ones go once their last stream has\n"
        "ended. It fails where three new ones in a row do not get healthy. weir status shows how\n"
        "far it is. What is not said here is as instance_refresh: in the configuration has it.");
    arguments.example("weir refresh ocr", "all instances get the new launch");
    arguments.example("weir refresh ocr --checkpoints 10,100 --canary 5",
                      "a few take 5 % of the requests for an hour, then the rest follows");
  }
  int run(Shell& shell) override {
    if (cancel_ && rollback_) {
      return failed(shell, Error{Code::invalid, "--cancel and --rollback exclude each other"});
    }
    const auto body = options();
    if (!body) return failed(shell, body.error());
    const std::string path = "/api/v1/scaling_groups/" + url_text(group_) + "/refresh" +
                             (cancel_     ? "/cancel"
                              : rollback_ ? "/rollback"
                                          : "");
    Client client(shell, where_);
    const auto response = client.post(path, cancel_ || rollback_ ? "{}" : *body);
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) {
      for (const std::string& mistake : client.mistakes()) shell.err << mistake << "\n";
      return failed(shell, answer.error());
    }
    shell.out << group_ << ": instance refresh "
              << (cancel_     ? "cancelled"
                  : rollback_ ? "is rolled back"
                              : "has begun")
              << "\n";
    return kGood;
  }

 private:
  Result<std::string> options() const {
    std::vector<std::string> all;
    TRY(const auto checkpoints, percentages(checkpoints_));
    if (min_healthy_ != kUnsaid || max_healthy_ != kUnsaid) {
      std::vector<std::string> pace;
      if (min_healthy_ != kUnsaid) pace.push_back(fmt::format("\"min_healthy\":{}", min_healthy_));
      if (max_healthy_ != kUnsaid) pace.push_back(fmt::format("\"max_healthy\":{}", max_healthy_));
      all.push_back(fmt::format("\"maintenance\":{{{}}}", fmt::join(pace, ",")));
    }
    if (!checkpoints.empty()) {
      all.push_back(fmt::format("\"checkpoints\":[{}]", fmt::join(checkpoints, ",")));
    }
    if (!delay_.empty()) all.push_back("\"checkpoint_delay\":" + json_text(delay_));
    if (canary_ != kUnsaid) all.push_back(fmt::format("\"canary\":{}", canary_));
    if (all_) all.push_back("\"skip_matching\":false");
    if (auto_rollback_) all.push_back("\"auto_rollback\":true");
    return fmt::format("{{{}}}", fmt::join(all, ","));
  }

  std::string group_;
  std::uint32_t min_healthy_ = kUnsaid;
  std::uint32_t max_healthy_ = kUnsaid;
  std::string checkpoints_;
  std::string delay_;
  std::uint32_t canary_ = kUnsaid;
  bool all_ = false;
  bool auto_rollback_ = false;
  bool cancel_ = false;
  bool rollback_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> refresh_command() { return std::make_unique<Refresh>(); }

}  // namespace weir::cli
