// status_json: control::Status as the JSON of GET /api/v1/status; keys are the names of its fields.
#pragma once

#include <string>

#include "api/native/json_writer.h"
#include "control/status.h"

namespace weir::api {

// What scaling groups have cost, each and in all: GET /api/v1/cost.
std::string cost_json(const control::Status& status);
std::string status_json(const control::Status& status);
// One activity, as an object; `group` where it does not stand in its group's list.
void write_activity(JsonWriter& json, const control::ActivityStatus& activity,
                    std::string_view group = {});

}  // namespace weir::api
