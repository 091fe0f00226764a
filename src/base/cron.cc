#include "base/cron.h"

#include <fmt/format.h>
#include <algorithm>

#include "base/cron_fields.h"

namespace weir {
namespace {

using Seconds = cctz::time_point<cctz::seconds>;
using cctz::civil_minute;
using cctz::civil_second;

// Whether a name can be one of the zone database: a relative path of plain words. cctz itself would
// open any file.
bool is_zone_name(std::string_view name) {
  constexpr std::string_view kSigns = "_+-/";
  const auto letter = [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; };
  const auto plain = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || kSigns.find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= 64 && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), plain);
}

std::optional<WallTime> wall(Seconds at) {
  constexpr auto kLeast = std::chrono::ceil<cctz::seconds>(WallTime::min());
  constexpr auto kMost = std::chrono::floor<cctz::seconds>(WallTime::max());
  if (at < kLeast || at > kMost) return std::nullopt;
  return WallTime(at);
}

// When the clock showed `civil`, first; right after the gap where it never did. Never falls as
// `civil` grows.
Seconds first(const cctz::time_zone& zone, civil_minute civil) {
  return cctz::convert(civil_second(civil), zone);
}

Seconds next_by_date(const CronFields& fields, const cctz::time_zone& zone, Seconds after) {
  civil_minute civil = civil_minute(cctz::convert(after, zone)) + 1;
  for (;;) {
    civil = match_from(fields, civil);
    // At most a few minutes of a time that came twice are passed over.
    if (const Seconds at = first(zone, civil); at > after) return at;
    ++civil;
  }
}

Seconds last_by_date(const CronFields& fields, const cctz::time_zone& zone, Seconds upto) {
  civil_second now = cctz::convert(upto, zone);
  const auto lookup = zone.lookup(now);
  if (lookup.kind == cctz::time_zone::civil_lookup::REPEATED && upto >= lookup.trans) {
    now = cctz::convert(lookup.trans - cctz::seconds(1), zone);
  }
  for (civil_minute civil(now);; --civil) {
    civil = match_upto(fields, civil);
    if (const Seconds at = first(zone, civil); at <= upto) return at;
  }
}

// From one change of the clock to the next, as it runs.
Seconds next_by_clock(const CronFields& fields, const cctz::time_zone& zone, Seconds after) {
  for (Seconds from = after + cctz::seconds(1);;) {
    const civil_second now = cctz::convert(from, zone);
    civil_minute civil(now);
    if (civil_second(civil) < now) ++civil;
    const civil_second due(match_from(fields, civil));
    const Seconds at = from + cctz::seconds(due - now);
    cctz::time_zone::civil_transition change;
    if (!zone.next_transition(from, &change)) return at;
    const Seconds then = zone.lookup(change.to).trans;
    if (at < then) return at;
    from = then;
  }
}

Seconds last_by_clock(const CronFields& fields, const cctz::time_zone& zone, Seconds upto) {
  for (;;) {
    const civil_second now = cctz::convert(upto, zone);
    const civil_second due(match_upto(fields, civil_minute(now)));
    const Seconds at = upto - cctz::seconds(now - due);
    cctz::time_zone::civil_transition change;
    if (!zone.prev_transition(upto + cctz::seconds(1), &change)) return at;
    const Seconds then = zone.lookup(change.to).trans;
    if (at >= then) return at;
    upto = then - cctz::seconds(1);
  }
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text, const std::string& zone) {
  TRY(const CronFields fields, parse_cron_fields(text));
  cctz::time_zone loaded;
  if (!is_zone_name(zone) || !cctz::load_time_zone(zone, &loaded)) {
    return fail(Code::invalid,
                fmt::format("time zone '{}' is not known here (write an IANA name, like "
                            "Europe/Berlin or Etc/UTC)",
                            zone));
  }
  return Cron(fields, loaded);
}

std::optional<WallTime> Cron::next(WallTime after) const {
  const Seconds from = std::chrono::floor<cctz::seconds>(after);
  return wall(fields_.by_clock ? next_by_clock(fields_, zone_, from)
                               : next_by_date(fields_, zone_, from));
}

std::optional<WallTime> Cron::previous(WallTime before) const {
  const Seconds upto = std::chrono::ceil<cctz::seconds>(before) - cctz::seconds(1);
  return wall(fields_.by_clock ? last_by_clock(fields_, zone_, upto)
                               : last_by_date(fields_, zone_, upto));
}

}  // namespace weir
