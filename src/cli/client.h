// Client: asks the running weir through its admin listener; blocks until the answer is there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "cli/command.h"
#include "cli/where.h"
#include "config/node.h"
#include "net/address.h"
#include "net/fd.h"
#include "net/reactor.h"

namespace weir::cli {

inline constexpr std::string_view kDefaultSocket = "/var/lib/weir/weir.sock";
inline constexpr std::string_view kDefaultBind = "127.0.0.1:9901";

struct Response {
  std::uint16_t status = 0;
  std::string body;
  net::Fd process;  // pidfd of the weir that answered; none over TCP
};

// Lives on the thread that asks.
class Client {
 public:
  // --socket or --address, else WEIR_SOCKET or WEIR_ADDRESS, else the socket `derived` from a
  // configuration, else the default. `reading`: without a place of its own, TCP on the default
  // address is tried next.
  Client(const Shell& shell, const Where& where, const std::string& derived = {},
         bool reading = false);

  // Any status of HTTP is a Response; an error means that nobody answered, Code::unavailable.
  Result<Response> get(const std::string& target);
  Result<Response> post(const std::string& target, std::string body,
                        const std::string& type = "application/json");
  // Passes on what comes of the body, for as long as it comes and `take` wants more. An error too
  // where weir answers with one.
  using Take = std::function<bool(std::string_view)>;
  Result<> follow(const std::string& target, const Take& take);
  // It was told an address, maybe of another machine.
  bool over_tcp() const { return !authority_.empty(); }
  // Of a Response below 300 the body, parsed; else what its error says. Mistakes, if any, are
  // kept for mistakes().
  Result<config::Node> parse(const Response& response);
  const std::vector<std::string>& mistakes() const { return mistakes_; }

 private:
  struct Request {
    std::string method;
    std::string target;
    std::string body;
    std::string type;
  };
  Result<> prepare();
  Result<Response> ask(const Request& request, const Take* take = nullptr);
  // With `take` a good answer's body goes there.
  Task<Result<Response>> exchange(net::Address address, std::string bytes, const Take* take);
  std::string unreachable(const std::string& place, net::Io why) const;

  net::Reactor reactor_;
  std::vector<std::string> places_;  // addresses, tried in order
  std::string authority_;            // of --address: host:port
  std::string token_file_;
  std::string token_;
  std::vector<std::string> mistakes_;
};

// What a Node holds under a key; an empty or zero value where it holds nothing of the kind.
std::string text_of(const config::Node& node, std::string_view key);
double number_of(const config::Node& node, std::string_view key);
bool flag_of(const config::Node& node, std::string_view key);
const std::vector<config::Node>& list_of(const config::Node& node, std::string_view key);
// Quoted and escaped for a JSON body.
std::string json_text(std::string_view text);
// For a segment of a path or the value of a query.
std::string url_text(std::string_view text);

// Prints an error as every command does; kFailed.
int failed(Shell& shell, const Error& error);

}  // namespace weir::cli
