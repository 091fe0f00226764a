// The tables of listeners and their rules.
#include <fmt/format.h>

#include "config/field.h"
#include "model/desired_fields.h"
#include "model/desired_forms.h"
#include "model/desired_syntax.h"

namespace weir {

using config::also_called;
using config::between;
using config::Cursor;
using config::field;
using config::Field;
using config::field_as;
using config::is;
using config::later;
using config::required;
using config::struct_type;
using config::Verdict;

namespace {

Verdict listener_protocol(const std::string& text) {
  for (const std::string_view good : {"http", "https", "tcp", "tls", "tls_passthrough", "udp"}) {
    if (text == good) return std::nullopt;
  }
  for (const std::string_view known : {"tcp_udp", "h2", "h3", "grpc"}) {
    if (text == known) {
      return config::Complaint{fmt::format("protocol {} is not built yet", text),
                               "it arrives with a later version; write http or https until then"};
    }
  }
  return config::Complaint{fmt::format("unknown protocol '{}'", config::shorten(text)),
                           "write http, https, tcp, tls, tls_passthrough or udp"};
}

Verdict redirect_status(const std::uint16_t& status) {
  for (const int known : {301, 302, 303, 307, 308}) {
    if (status == known) return std::nullopt;
  }
  return config::Complaint{fmt::format("{} does not redirect", status),
                           "write 301, 302, 303, 307 or 308"};
}

struct RedirectStatus {
  std::string range() const { return "301, 302, 303, 307 or 308"; }
  Verdict operator()(const std::uint16_t& status) const { return redirect_status(status); }
};

}  // namespace

const config::Type& config_type(const Match*) {
  static const auto type = struct_type<Match>(
      "map",
      {also_called(
           field("host", &Match::host,
                 "patterns of the Host header without its port, with * and ?; case does "
                 "not count",
                 is(syntax::host_pattern)),
           {"hosts", "host_header", "hostname", "hostnames", "domain", "domains", "server_name"}),
       also_called(field("path", &Match::path,
                         "patterns of the path without the query, with * and ?; case counts",
                         is(syntax::path_pattern)),
                   {"paths", "path_pattern", "path_prefix", "prefix", "url", "uri", "location"}),
       also_called(field("header", &Match::header, "header names, each with patterns of its value"),
                   {"headers", "http_header"}),
       also_called(field("method", &Match::method, "methods, compared exactly", is(syntax::method)),
                   {"methods", "http_method", "http_request_method"}),
       also_called(field("query", &Match::query, "query keys, each with patterns of its value"),
                   {"query_string", "query_params", "params", "queries"}),
       field("query_any", &Match::query_any,
             "query keys, each with patterns of its value; one of them suffices, as in an ALB's "
             "condition with several pairs"),
       field("host_regex", &Match::host_regex,
             "regular expressions, one of which is found in the host; case does not count",
             is(syntax::regex)),
       field("path_regex", &Match::path_regex,
             "regular expressions, one of which is found in the path; case counts",
             is(syntax::regex)),
       field(
           "header_regex", &Match::header_regex,
           "header names, each with regular expressions, one of which is found in its value; case "
           "does not count"),
       also_called(field("source", &Match::source, "CIDR blocks of the client's address",
                         is(syntax::source_block)),
                   {"source_ip", "client_ip", "cidr", "source_address"}),
       later("model")});
  return type;
}

const config::Type& config_type(const Redirect*) {
  static const auto type = struct_type<Redirect>(
      "map",
      {also_called(field("status", &Redirect::status, "the status code", RedirectStatus{}),
                   {"status_code", "code"}),
       also_called(
           field("protocol", &Redirect::protocol, "http, https or #{protocol}, the request's own",
                 is(
                     [](const std::string& text) -> Verdict {
                       return config::one_of({"http", "https", "#{protocol}"})(text);
                     },
                     "http, https, #{protocol}")),
           {"scheme"}),
       field("host", &Redirect::host, "the host to go to; #{host} is the request's own",
             is(syntax::placeholders)),
       field_as(redirect_port_type(), "port", &Redirect::port,
                "the port to go to, or #{port}, the request's own"),
       field("path", &Redirect::path, "the path to go to; /#{path} is the request's own",
             is(syntax::url_path), is(syntax::placeholders)),
       field("query", &Redirect::query, "the query, without the '?'; #{query} is the request's own",
             is(syntax::placeholders))});
  return type;
}

const config::Type& config_type(const Respond*) {
  static const auto type = struct_type<Respond>(
      "map", {also_called(field("status", &Respond::status, "the status code", between(200, 599)),
                          {"status_code", "code"}),
              also_called(field("content_type", &Respond::content_type, "the Content-Type header",
                                is(syntax::media_type)),
                          {"type", "mime_type"}),
              also_called(field("body", &Respond::body, "the body"),
                          {"message_body", "content", "text", "message"})});
  return type;
}

const config::Type& config_type(const Rule*) {
  static const auto type = [] {
    std::vector<Field> fields = {
        field("name", &Rule::name, "a name for logs and for people", is(syntax::resource_name)),
        field("priority", &Rule::priority,
              "rules are tried from the lowest up; by default in their order in the file",
              between(1, 50000)),
        also_called(field("match", &Rule::match,
                          "conditions: all that are given must hold; within one, any value "
                          "suffices"),
                    {"conditions", "when", "if", "matches"}),
        also_called(field("access", &Rule::access, "who may use it; others get 403"),
                    {"access_list", "acl", "allow", "deny", "ip_filter"}),
        also_called(field("headers", &Rule::headers, "what becomes of header lines"),
                    {"header", "request_headers", "response_headers"}),
        also_called(field("rewrite", &Rule::rewrite,
                          "what the endpoint sees instead of the client's host, path and query"),
                    {"transforms", "url_rewrite", "rewrite_path", "prefix_rewrite", "transform"}),
        also_called(field("mirror", &Rule::mirror,
                          "copies of its requests for another group, whose answers are thrown "
                          "away"),
                    {"shadow", "request_mirror_policies", "traffic_mirror"})};
    fields.push_back(
        also_called(field("retry", &Rule::retry, "overrides that of the target group, key by key"),
                    {"retries", "retry_policy"}));
    fields.push_back(also_called(
        field("timeouts", &Rule::timeouts, "override those of the target group, key by key"),
        {"timeout"}));
    fields.push_back(
        also_called(field("queue_class", &Rule::queue_class,
                          "the class in the target group's line: one of its queue.classes"),
                    {"class", "priority_class", "queue_priority"}));
    fields.push_back(
        also_called(field("rate_limits", &Rule::rate_limits,
                          "how often: token buckets that must all have a token, else 429"),
                    {"rate_limit", "limits", "budgets", "limit_req"}));
    for (Field& action : action_fields(config::detail::offset_of(&Rule::action))) {
      fields.push_back(std::move(action));
    }
    return struct_type<Rule>("map", std::move(fields),
                             [](const Cursor& cursor, void*) { check_one_action(cursor); });
  }();
  return type;
}

const config::Type& config_type(const ListenerLimits*) {
  static const auto type = struct_type<ListenerLimits>(
      "map",
      {field("head", &ListenerLimits::head, "largest request line and headers together; 431 above",
             between(Bytes{1024}, Bytes{1024 * 1024})),
       field("headers", &ListenerLimits::headers, "most headers of a request; 431 above",
             between(1, 10000)),
       also_called(
           field("body", &ListenerLimits::body, "largest request body; 413 above; 0 is unlimited"),
           {"max_body", "body_size", "client_max_body_size", "max_body_size"}),
       field("header_time", &ListenerLimits::header_time,
             "for a complete request head, from its first byte", between(1ms, 1h)),
       also_called(field("idle_time", &ListenerLimits::idle_time,
                         "of a keep-alive connection between two requests", between(1ms, 24h)),
                   {"idle_timeout", "keepalive_timeout", "keep_alive"}),
       field("body_idle_time", &ListenerLimits::body_idle_time,
             "between two pieces of a request body, or of a response that the client takes",
             between(1ms, 24h)),
       also_called(field("connections", &ListenerLimits::connections,
                         "most at once per listener; the others wait in the kernel's backlog "
                         "until one ends; 0 is unlimited"),
                   {"max_connections", "maxconn"}),
       also_called(field("streams", &ListenerLimits::streams,
                         "requests at once on one connection of HTTP/2", between(1, 10000)),
                   {"max_concurrent_streams", "http2_max_concurrent_streams"}),
       also_called(field("tcp_idle", &ListenerLimits::tcp_idle,
                         "layer 4: how long a connection may be silent in both directions",
                         between(1ms, 8760h)),
                   {"tcp_idle_timeout", "timeout_tunnel"}),
       also_called(field("udp_idle", &ListenerLimits::udp_idle,
                         "how long a flow of datagrams may be silent", between(1ms, 24h)),
                   {"udp_idle_timeout", "udp_timeout"}),
       also_called(field("flows", &ListenerLimits::flows,
                         "of a udp listener at once, per worker; datagrams of others are dropped",
                         between(1, 1'000'000)),
                   {"max_flows", "sessions"})});
  return type;
}

const config::Type& config_type(const Listener*) {
  static const auto type = struct_type<Listener>(
      "map",
      {also_called(field("bind", &Listener::bind,
                         "where to listen: 0.0.0.0:8080, [::]:8080 or unix:/run/weir/public.sock; "
                         "one or a list",
                         required("bind: 0.0.0.0:8080"), is(syntax::bind_address)),
                   {"listen", "address", "addresses", "port", "binds", "addr"}),
       field("protocol", &Listener::protocol,
             "what is spoken on it; tcp and udp are forwarded as they are, tls is decrypted first, "
             "tls_passthrough goes by the server name of its first message, without decrypting",
             is(listener_protocol, "http, https, tcp, tls, tls_passthrough, udp")),
       also_called(field("tls", &Listener::tls,
                         "of an https or tls listener: certificates and what is asked of clients"),
                   {"ssl"}),
       also_called(
           field("rules", &Listener::rules, "tried in order; the first that matches decides"),
           {"routes", "rule", "locations"}),
       also_called(field("default", &Listener::default_action,
                         "what happens to a request that no rule matches"),
                   {"default_action", "default_actions", "fallback", "otherwise"}),
       field("limits", &Listener::limits, "what a client may ask for"),
       also_called(field("rate_limits", &Listener::rate_limits,
                         "how often, over all its rules: token buckets that must all have a "
                         "token, else 429"),
                   {"rate_limit", "limit_req", "budgets"}),
       also_called(field("access", &Listener::access,
                         "who may connect; others are refused before a byte is read"),
                   {"access_list", "acl", "allow", "deny", "ip_filter", "whitelist"}),
       also_called(field("headers", &Listener::headers,
                         "what becomes of header lines, before those of the rule"),
                   {"header", "request_headers", "response_headers"}),
       field("keep_half_closed", &Listener::keep_half_closed,
             "serve a client to the end that shuts its sending side while it waits; by default it "
             "counts as gone"),
       also_called(field("proxy_protocol", &Listener::proxy_protocol,
                         "every connection begins with a PROXY protocol header, v1 or v2; the "
                         "client is who it names, and one without it is refused"),
                   {"accept_proxy", "proxy_protocol_v2", "proxy"}),
       later("waf")});
  return type;
}

}  // namespace weir
