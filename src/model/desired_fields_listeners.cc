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
using config::is;
using config::later;
using config::required;
using config::struct_type;
using config::Verdict;

namespace {

Verdict listener_protocol(const std::string& text) {
  if (text == "http") return std::nullopt;
  for (const std::string_view known :
       {"https", "tcp", "tls", "udp", "tcp_udp", "h2", "h3", "grpc"}) {
    if (text == known) {
      return config::Complaint{fmt::format("protocol {} is not built yet", text),
                               "it arrives with a later version; write http until then"};
    }
  }
  return config::Complaint{fmt::format("unknown protocol '{}'", config::shorten(text)),
                           "write http"};
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
       also_called(field("protocol", &Redirect::protocol, "http or https",
                         is([](const std::string& text)
                                -> Verdict { return config::one_of({"http", "https"})(text); },
                            "http, https")),
                   {"scheme"}),
       field("host", &Redirect::host, "the host to go to"),
       field("port", &Redirect::port, "the port to go to", between(1, 65535)),
       field("path", &Redirect::path, "the path to go to", is(syntax::url_path)),
       field("query", &Redirect::query, "the query, without the '?'")});
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
                    {"conditions", "when", "if", "matches"})};
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
                         "most at once per listener; 0 is unlimited"),
                   {"max_connections", "maxconn"}),
       also_called(field("streams", &ListenerLimits::streams,
                         "requests at once on one connection of HTTP/2", between(1, 10000)),
                   {"max_concurrent_streams", "http2_max_concurrent_streams"})});
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
       field("protocol", &Listener::protocol, "what is spoken on it",
             is(listener_protocol, "http")),
       also_called(
           field("rules", &Listener::rules, "tried in order; the first that matches decides"),
           {"routes", "rule", "locations"}),
       also_called(field("default", &Listener::default_action,
                         "what happens to a request that no rule matches"),
                   {"default_action", "default_actions", "fallback", "otherwise"}),
       field("limits", &Listener::limits, "what a client may ask for"),
       field("keep_half_closed", &Listener::keep_half_closed,
             "serve a client to the end that shuts its sending side while it waits; by default it "
             "counts as gone"),
       later("tls"), later("certificates"), later("access_list"), later("waf")});
  return type;
}

}  // namespace weir
