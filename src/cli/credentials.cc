#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ostream>
#include <vector>

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/table.h"

namespace weir::cli {
namespace {

Colour colour_of_key(const std::string& state) {
  return state == "active" ? Colour::green : state == "expired" ? Colour::dim : Colour::red;
}

class Credentials final : public Command {
 public:
  std::string_view summary() const override { return "make, list and delete access keys of AWS"; }
  void declare(Arguments& arguments) override {
    arguments.required("ACTION", action_, "create, list or delete");
    arguments.optional("NAME", name_, "create: whom it is for; delete: the id of the access key");
    arguments.flag("--read-only", read_only_, "it may Describe, List and Get");
    arguments.option("--service", services_,
                     "it is for this one, as in IAM actions: autoscaling; may be given again");
    arguments.option("--account", account_, "12 digits; default: aws.account");
    arguments.option("--expires", expires_, "so long it is good: 12h, 30d; default: for good");
    arguments.flag("--session", session_, "temporary credentials, with a session token");
    arguments.flag("--json", json_, "as the API gives it");
    arguments.where(where_);
    arguments.about(
        "Access keys are for the AWS API of the admin listener: aws --endpoint-url, boto3, ...\n"
        "The secret is shown once, as the environment variables that clients read. A deleted\n"
        "access key is good for nothing from that moment on.");
    arguments.example("weir credentials create ci", "an administrator's");
    arguments.example("weir credentials create grafana --read-only --service cloudwatch",
                      "for metrics, to look at");
    arguments.example("export $(weir credentials create me --session --expires 12h)",
                      "for this shell, until tonight");
    arguments.example("weir credentials delete AKIAIOSFODNN7EXAMPLE", "that one");
  }
  int run(Shell& shell) override {
    if (action_ == "list" && name_.empty()) return list(shell);
    if (action_ == "create" && !name_.empty()) return create(shell);
    if (action_ == "delete" && !name_.empty()) return remove(shell);
    shell.err << "weir: write weir credentials create NAME, list, or delete ID\n";
    return kUsage;
  }

 private:
  int list(Shell& shell) {
    Client client(shell, where_);
    const auto response = client.get("/api/v1/credentials");
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    if (json_) {
      shell.out << response->body;
      return kGood;
    }
    Table table(
        {"ID", "NAME", "ACCOUNT", "SCOPE", "SERVICES", "CREATED", "EXPIRES", "STATE", "TROUBLE"},
        0);
    for (const config::Node& one : list_of(*answer, "credentials")) {
      std::vector<std::string> services;
      for (const config::Node& service : list_of(one, "services")) services.push_back(service.text);
      const std::string state = text_of(one, "state");
      table.add({text_of(one, "id"),
                 printable(text_of(one, "name")),
                 text_of(one, "account"),
                 text_of(one, "scope"),
                 fmt::format("{}", fmt::join(services, " ")),
                 text_of(one, "created"),
                 text_of(one, "expires"),
                 {state, colour_of_key(state)},
                 printable(text_of(one, "trouble"))});
    }
    shell.out << (table.empty() ? std::string("no access keys\n")
                                : table.render(shell.width, shell.terminal));
    return kGood;
  }

  int create(Shell& shell) {
    Client client(shell, where_);
    const auto response = client.post("/api/v1/credentials", wanted());
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    if (json_) {
      shell.out << response->body;
      return kGood;
    }
    shell.out << "AWS_ACCESS_KEY_ID=" << text_of(*answer, "id") << "\n"
              << "AWS_SECRET_ACCESS_KEY=" << text_of(*answer, "secret") << "\n";
    const std::string token = text_of(*answer, "session_token");
    if (!token.empty()) shell.out << "AWS_SESSION_TOKEN=" << token << "\n";
    shell.err << "weir: keep the secret now, it is not shown again\n";
    return kGood;
  }

  int remove(Shell& shell) {
    Client client(shell, where_);
    const auto response = client.post("/api/v1/credentials/" + url_text(name_) + "/delete", "{}");
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    shell.out << name_ << ": deleted\n";
    return kGood;
  }

  std::string wanted() const {
    std::vector<std::string> all = {"\"name\":" + json_text(name_)};
    if (!account_.empty()) all.push_back("\"account\":" + json_text(account_));
    if (!expires_.empty()) all.push_back("\"expires\":" + json_text(expires_));
    if (read_only_) all.push_back("\"read_only\":true");
    if (session_) all.push_back("\"session\":true");
    std::vector<std::string> services;
    for (const std::string& service : services_) services.push_back(json_text(service));
    if (!services.empty())
      all.push_back(fmt::format("\"services\":[{}]", fmt::join(services, ",")));
    return fmt::format("{{{}}}", fmt::join(all, ","));
  }

  std::string action_;
  std::string name_;
  bool read_only_ = false;
  std::vector<std::string> services_;
  std::string account_;
  std::string expires_;
  bool session_ = false;
  bool json_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> credentials_command() { return std::make_unique<Credentials>(); }

}  // namespace weir::cli
