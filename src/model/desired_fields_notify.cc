// The tables of notifications.
#include "config/field.h"
#include "model/desired_fields.h"
#include "model/desired_syntax.h"
#include "model/event.h"

namespace weir {

using config::also_called;
using config::between;
using config::field;
using config::is;
using config::one_of;
using config::struct_type;

namespace {

std::vector<std::string> event_words() {
  std::vector<std::string> words = {"all", "none"};
  for (const EventKind kind : kEventKinds) words.emplace_back(to_string(kind));
  return words;
}

}  // namespace

const config::Type& config_type(const Webhook*) {
  static const auto type = struct_type<Webhook>(
      "map",
      {also_called(field("url", &Webhook::url, "where a JSON text is posted to",
                         config::required("url: https://hooks.example.com/weir"), is(syntax::url)),
                   {"address", "endpoint", "uri"}),
       also_called(
           field("secret", &Webhook::secret, "signs what is sent; rather keep it in secret_file"),
           {"key", "signing_secret"}),
       also_called(field("secret_file", &Webhook::secret_file,
                         "holds the secret; read anew for each call", is(syntax::file_path)),
                   {"key_file"}),
       field("ca", &Webhook::ca,
             "PEM file of those that may sign its certificate; default: the system's",
             is(syntax::file_path)),
       field("timeout", &Webhook::timeout, "of one attempt", between(100ms, 5min)),
       field("retries", &Webhook::retries,
             "after the first attempt, with longer and longer waits, up to a minute",
             between(0, 20))});
  return type;
}

const config::Type& config_type(const Notification*) {
  static const auto type = struct_type<Notification>(
      "map",
      {also_called(
           field("events", &Notification::events, "which kinds are told", one_of(event_words())),
           {"event", "on", "types", "notification_types"}),
       also_called(field("scaling_groups", &Notification::scaling_groups,
                         "whose events; default: those of all, and what is about none"),
                   {"scaling_group", "groups"}),
       also_called(field("webhook", &Notification::webhook, "the event is posted there as JSON"),
                   {"http", "post"}),
       also_called(field("command", &Notification::command,
                         "or this is run, with the event as JSON on its standard input and in "
                         "WEIR_EVENT, WEIR_EVENT_ID, WEIR_GROUP, WEIR_INSTANCE, ..."),
                   {"exec", "run"}),
       also_called(field("command_timeout", &Notification::command_timeout,
                         "of the command; then it is killed", between(100ms, 1h)),
                   {"timeout"})});
  return type;
}

}  // namespace weir
