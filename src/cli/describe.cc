#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "config/manual.h"
#include "config/suggest.h"
#include "model/desired_fields.h"

namespace weir::cli {
namespace {

std::vector<config::ManualEntry> all_keys() {
  return config::manual(config_type(static_cast<const Desired*>(nullptr)));
}

std::string last_step(const std::string& path) {
  const std::string step = path.substr(path.rfind('.') + 1);
  return step.substr(0, step.find('['));
}

class Describe final : public Command {
 public:
  std::string_view summary() const override { return "the manual of the configuration's keys"; }
  void declare(Arguments& arguments) override {
    arguments.optional("KEY", key_, "a whole path, the end of one, or a single name");
    arguments.about("Without a key: all keys, a line each.");
    arguments.example("weir describe max_in_flight", "one key");
    arguments.example("weir describe target_groups.queue", "a key and what is below it");
    arguments.example("weir describe | grep timeout", "look for one");
  }
  int run(Shell& shell) override {
    if (key_.empty()) {
      list(shell);
      return kGood;
    }
    if (const auto text = describe(key_)) {
      shell.out << *text;
      return kGood;
    }
    std::vector<std::string> names;
    for (const config::ManualEntry& entry : all_keys()) names.push_back(last_step(entry.path));
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    const auto meant = config::closest(last_step(key_), names);
    shell.err << "weir: there is no key '" << key_ << "'"
              << (meant ? ": did you mean '" + *meant + "'?" : ": `weir describe` lists all")
              << "\n";
    return kUsage;
  }

 private:
  static void list(Shell& shell) {
    for (const config::ManualEntry& entry : all_keys()) {
      const std::string fallback = entry.fallback.empty() ? "" : " (" + entry.fallback + ")";
      shell.out << fmt::format("{}{}: {}\n", entry.path, fallback, entry.text);
    }
  }

  std::string key_;
};

}  // namespace

std::unique_ptr<Command> describe_command() { return std::make_unique<Describe>(); }

}  // namespace weir::cli
