// The tables of what a rule or a listener does to requests beside its action, and of stickiness.
#include "config/field.h"
#include "model/desired_fields.h"
#include "model/desired_syntax.h"

namespace weir {

using config::also_called;
using config::between;
using config::field;
using config::is;
using config::one_of;
using config::struct_type;

const config::Type& config_type(const Access*) {
  static const auto type = struct_type<Access>(
      "map",
      {also_called(field("allow", &Access::allow,
                         "CIDR blocks that come in; others then do not, unless a smaller block "
                         "or deny says otherwise",
                         is(syntax::source_block)),
                   {"allowed", "permit", "whitelist", "cidrs", "allow_list"}),
       also_called(field("deny", &Access::deny,
                         "CIDR blocks that do not come in; the smallest block that holds an "
                         "address decides",
                         is(syntax::source_block)),
                   {"denied", "block", "blacklist", "reject", "deny_list"}),
       field("allow_file", &Access::allow_file,
             "a file of more blocks to allow, one a line; # begins a comment; read again at each "
             "reload",
             is(syntax::file_path)),
       field("deny_file", &Access::deny_file, "likewise of blocks to deny",
             is(syntax::file_path))});
  return type;
}

const config::Type& config_type(const HeaderEdits*) {
  static const auto type = struct_type<HeaderEdits>(
      "map",
      {also_called(field("remove", &HeaderEdits::remove,
                         "names of headers to leave out; done first", is(syntax::header_name)),
                   {"delete", "unset", "drop", "del_header", "hide"}),
       also_called(field("set", &HeaderEdits::set,
                         "header names and values, in the place of all lines of that name; "
                         "#{protocol}, #{host}, #{port}, #{path} and #{query} stand for "
                         "the request's own"),
                   {"replace", "overwrite", "set_header"}),
       also_called(field("add", &HeaderEdits::add,
                         "header names and values, as one more line each; with "
                         "placeholders like set"),
                   {"append", "insert", "add_header"})});
  return type;
}

const config::Type& config_type(const Headers*) {
  static const auto type = struct_type<Headers>(
      "map", {field("request", &Headers::request, "of what goes to the endpoint"),
              field("response", &Headers::response,
                    "of what goes to the client; set and add are in weir's own answers too")});
  return type;
}

const config::Type& config_type(const Rewrite*) {
  static const auto type = struct_type<Rewrite>(
      "map",
      {field("host", &Rewrite::host,
             "the Host header; with placeholders as in redirect, and $1 to $9 for what the stars "
             "of host_pattern took",
             is(syntax::placeholders)),
       field("host_pattern", &Rewrite::host_pattern, "other hosts stay as they are",
             is(syntax::host_pattern)),
       also_called(field("path", &Rewrite::path,
                         "the path; with placeholders as in redirect, and $1 to $9 for what the "
                         "stars of path_pattern took",
                         is(syntax::placeholders)),
                   {"replace", "with", "to", "uri"}),
       also_called(field("path_prefix", &Rewrite::path_prefix,
                         "only this beginning of the path is replaced by path, or by / where there "
                         "is none; it ends at a / of the path or at its end",
                         is(syntax::url_path)),
                   {"prefix", "strip_prefix"}),
       also_called(field("path_pattern", &Rewrite::path_pattern, "other paths stay as they are",
                         is(syntax::path_pattern)),
                   {"pattern", "from", "match"}),
       field("host_regex", &Rewrite::host_regex,
             "a regular expression, whose first match in the host is replaced by host; $1 to $9 "
             "stand for its groups",
             is(syntax::regex)),
       also_called(field("path_regex", &Rewrite::path_regex,
                         "a regular expression, whose first match in the path is replaced by path; "
                         "$1 to $9 stand for its groups",
                         is(syntax::regex)),
                   {"regex"}),
       field("query", &Rewrite::query,
             "the query, without the '?', with placeholders; by default the request's own",
             is(syntax::placeholders))});
  return type;
}

const config::Type& config_type(const Mirror*) {
  static const auto type = struct_type<Mirror>(
      "map", {also_called(field("group", &Mirror::group, "the target group that gets the copies"),
                          {"target_group", "to", "cluster", "backend", "forward"}),
              also_called(field("share", &Mirror::share,
                                "of the requests; a copy is left out where the body does not fit "
                                "into retry.body, or where the group has no free slot at once",
                                between(0, 1)),
                          {"percent", "runtime_fraction", "fraction", "weight"})});
  return type;
}

const config::Type& config_type(const Stickiness*) {
  static const auto type = struct_type<Stickiness>(
      "map",
      {also_called(field("type", &Stickiness::type,
                         "lb_cookie: by a cookie of weir's; app_cookie: likewise, from when the "
                         "application sets its own; source_ip: by the client's address",
                         is(
                             [](const std::string& text) -> config::Verdict {
                               return one_of({"lb_cookie", "app_cookie", "source_ip"})(text);
                             },
                             "lb_cookie, app_cookie, source_ip")),
                   {"kind", "mode"}),
       also_called(field("duration", &Stickiness::duration,
                         "how long a cookie holds, from the last answer that set it on",
                         between(1s, Duration(24h * 7))),
                   {"duration_seconds", "ttl", "max_age", "expires"}),
       also_called(field("cookie", &Stickiness::cookie,
                         "lb_cookie: the name of weir's cookie, AWSALB by default; app_cookie: "
                         "the name of the application's",
                         is(syntax::cookie_name)),
                   {"cookie_name", "name"})});
  return type;
}

}  // namespace weir
