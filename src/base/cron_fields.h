// The five fields of a cron schedule: from text, and which local minutes match them. Pure.
#pragma once

#include <cctz/civil_time.h>
#include <optional>
#include <string_view>

#include "base/cron.h"
#include "base/result.h"

namespace weir {

// Errors name the field and the remedy. At least one day of 400 years matches.
Result<CronFields> parse_cron_fields(std::string_view text);

// The first matching minute at or after `from`, and the last one at or before `upto`.
cctz::civil_minute match_from(const CronFields& fields, cctz::civil_minute from);
cctz::civil_minute match_upto(const CronFields& fields, cctz::civil_minute upto);

}  // namespace weir
