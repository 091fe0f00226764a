// The tables of alarms.
#include <cstddef>

#include "config/field.h"
#include "model/desired_fields.h"

namespace weir {

using config::also_called;
using config::field;
using config::struct_type;

const config::Type& config_type(const AlarmAction*) {
  static const auto type = struct_type<AlarmAction>(
      "map",
      {also_called(field("notification", &AlarmAction::notification,
                         "one of notifications, which is told whatever kinds it wants else"),
                   {"notify", "tell"}),
       also_called(field("scaling_group", &AlarmAction::scaling_group, "whose policy is run"),
                   {"group", "auto_scaling_group"}),
       also_called(
           field("policy", &AlarmAction::policy, "the name of one of its step or simple policies"),
           {"policy_name"})});
  return type;
}

const config::Type& config_type(const AlarmResource*) {
  static const auto type = [] {
    auto fields = alarm_fields(offsetof(AlarmResource, alarm));
    fields.push_back(field("actions_enabled", &AlarmResource::actions_enabled,
                           "false: its state is known, and nothing is done"));
    fields.push_back(also_called(
        field("on_alarm", &AlarmResource::on_alarm,
              "what is done when it comes into the state ALARM; a policy is run again each "
              "period for as long as it stays there"),
        {"alarm_actions", "actions"}));
    fields.push_back(
        also_called(field("on_ok", &AlarmResource::on_ok, "likewise of OK"), {"ok_actions"}));
    fields.push_back(also_called(field("on_insufficient_data", &AlarmResource::on_insufficient_data,
                                       "likewise of INSUFFICIENT_DATA"),
                                 {"insufficient_data_actions"}));
    return struct_type<AlarmResource>("map", std::move(fields));
  }();
  return type;
}

}  // namespace weir
