// Access keys of the AWS API: made, shown, deleted.
#include <fmt/format.h>

#include <algorithm>

#include "api/aws/rights.h"
#include "api/native/body.h"
#include "api/native/json_writer.h"
#include "api/native/router.h"
#include "base/log.h"
#include "base/units.h"

namespace weir::api {
namespace {

void show(JsonWriter& json, const control::AccessKey& key, WallTime now) {
  const bool expired = key.expires && *key.expires <= now;
  json.field("id", key.id).field("name", key.name).field("account", key.account);
  json.field("scope", key.read_only ? "read_only" : "admin");
  json.key("services").list(key.services);
  json.field("session", key.id.starts_with("ASIA")).field("created", to_string(key.created));
  json.field("expires", key.expires ? to_string(*key.expires) : std::string());
  json.field("state", expired ? "expired" : key.trouble.empty() ? "active" : "unusable");
  json.field("trouble", key.trouble);
}

Result<control::NewAccessKey> read_wanted(const Body& body, const std::string& account) {
  control::NewAccessKey wanted;
  TRY(wanted.name, body.text("name"));
  TRY(wanted.account, body.text_or_empty("account"));
  if (wanted.account.empty()) wanted.account = account;
  TRY(wanted.read_only, body.flag("read_only"));
  TRY(wanted.services, body.texts_or_none("services"));
  TRY(wanted.session, body.flag("session"));
  TRY(const std::string life, body.text_or_empty("expires"));
  if (!life.empty()) {
    const auto lifetime = parse_duration(life);
    if (!lifetime) return fail("expires", lifetime.error());
    wanted.lifetime = *lifetime;
  }
  const auto known = amazon::action_services();
  for (const std::string& service : wanted.services) {
    if (std::find(known.begin(), known.end(), service) == known.end()) {
      return fail(Code::invalid,
                  fmt::format("no service '{}'; there are {}", service, fmt::join(known, ", ")));
    }
  }
  TRY_VOID(check(wanted));
  return wanted;
}

}  // namespace

Task<Answer> list_credentials(Context& context, const Ask&) {
  JsonWriter json;
  json.open().key("credentials").open_list();
  for (const auto& [id, key] : context.control.access_keys().all()) {
    json.open();
    show(json, key, context.reactor.clock().wall());
    json.close();
  }
  json.close_list().close();
  co_return Answer(json.take());
}

Task<Answer> create_credentials(Context& context, const Ask& ask) {
  if (!ask.local) {
    co_return error_answer(403, "denied",
                           "a new access key shows its secret: ask over the Unix socket");
  }
  const auto body =
      Body::parse(ask.body, {"name", "account", "read_only", "services", "expires", "session"});
  if (!body) co_return bad_request(body.error());
  auto wanted = read_wanted(*body, context.control.desired().aws.account);
  if (!wanted) co_return bad_request(wanted.error());
  const auto key = co_await context.control.access_keys().create(std::move(*wanted));
  if (!key) co_return error_answer(key.error());
  LOG(info, "access key made", {"id", key->id}, {"name", key->name}, {"account", key->account});
  JsonWriter json;
  json.open();
  show(json, *key, context.reactor.clock().wall());
  json.field("secret", key->secret).field("session_token", key->session_token).close();
  co_return Answer(json.take());
}

Task<Answer> delete_credentials(Context& context, const Ask& ask) {
  const auto done = co_await context.control.access_keys().remove(ask.name);
  if (!done) co_return error_answer(done.error());
  LOG(info, "access key deleted", {"id", ask.name});
  JsonWriter json;
  json.open().field("id", ask.name).field("deleted", true).close();
  co_return Answer(json.take());
}

}  // namespace weir::api
