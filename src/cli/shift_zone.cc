#include <fmt/format.h>

#include <ostream>

#include "base/units.h"
#include "cli/arguments.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

class ShiftZone final : public Command {
 public:
  std::string_view summary() const override { return "take a zone out for a while, or back"; }
  void declare(Arguments& arguments) override {
    arguments.required("ZONE", zone_, "name of the zone, as endpoints have it");
    arguments.option("--for", time_, "how long; after that it comes back by itself (default 1h)");
    arguments.flag("--cancel", cancel_, "bring it back now");
    arguments.where(where_);
    arguments.about(
        "Nothing new is sent to endpoints of the zone, in any target group; what is in flight "
        "ends\n"
        "in peace. Where no endpoint of another zone is healthy, the shift is ignored (fail "
        "open).\n"
        "It survives a restart; a second shift of a zone replaces the first.");
    arguments.example("weir shift-zone eu-1a --for 30m", "while eu-1a is being looked at");
    arguments.example("weir shift-zone eu-1a --cancel", "it is well again");
  }
  int run(Shell& shell) override {
    if (cancel_ && !time_.empty()) {
      shell.err << "weir: --for and --cancel exclude each other\n";
      return kUsage;
    }
    const std::string time = time_.empty() ? "1h" : time_;
    Client client(shell, where_);
    const auto response =
        client.post(fmt::format("/api/v1/zones/{}/shift", url_text(zone_)),
                    cancel_ ? "{\"cancel\":true}" : fmt::format("{{\"for\":{}}}", json_text(time)));
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    shell.out << zone_;
    if (cancel_) {
      shell.out << ": takes traffic again\n";
    } else {
      shell.out << ": shifted away until " << text_of(*answer, "until") << "\n";
    }
    return kGood;
  }

 private:
  std::string zone_;
  std::string time_;
  bool cancel_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> shift_zone_command() { return std::make_unique<ShiftZone>(); }

}  // namespace weir::cli
