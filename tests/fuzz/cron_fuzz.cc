// Cron schedules: the first byte chooses a zone, the next eight a time, the rest is the schedule.
// What parses is due after that time and before it; next() and previous() agree, in both
// directions; and the minute that it is due is one that the fields name, or the end of a gap.
// sources: src/base/cron.cc src/base/cron_fields.cc src/base/check.cc
// libraries: cctz fmt
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/cron.h"
#include "base/cron_fields.h"

namespace {

using namespace weir;  // NOLINT: a fuzzer of this namespace
using namespace weir;  // NOLINT

constexpr std::array kZones = {
    "Etc/UTC",           "Europe/Berlin",   "America/New_York",     "Australia/Lord_Howe",
    "Pacific/Apia",      "Asia/Kathmandu",  "Africa/Casablanca",    "America/Sao_Paulo",
    "Pacific/Kwajalein", "America/Juneau",  "Antarctica/Troll",     "Asia/Manila",
    "Europe/Dublin",     "Africa/Monrovia", "America/Scoresbysund", "Etc/GMT+12",
};

// What next() and previous() may name: a minute that the fields match, or the first after a gap.
void check_due(const CronFields& fields, const char* zone_name, WallTime at) {
  cctz::time_zone zone;
  CHECK(cctz::load_time_zone(zone_name, &zone));
  const cctz::civil_second shown = cctz::convert(at, zone);
  const cctz::civil_minute minute(shown);
  if (shown.second() == 0 && match_from(fields, minute) == minute) return;
  CHECK(!fields.by_clock);
  const cctz::civil_second before = cctz::convert(at - 1s, zone);
  CHECK(shown - before > 1);
  CHECK(cctz::civil_second(match_from(fields, cctz::civil_minute(before))) < shown);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 9) return 0;
  const char* const zone = kZones[data[0] % kZones.size()];
  std::int64_t ns = 0;
  std::memcpy(&ns, data + 1, sizeof ns);
  const WallTime now{Duration(ns)};
  const std::string_view text(reinterpret_cast<const char*>(data) + 9, size - 9);
  const auto schedule = Cron::parse(text, zone);
  const auto fields = parse_cron_fields(text);
  CHECK(schedule.has_value() == fields.has_value());
  if (!schedule) {
    CHECK(!schedule.error().message.empty());
    return 0;
  }
  if (const auto next = schedule->next(now)) {
    CHECK(*next > now);
    check_due(*fields, zone, *next);
    CHECK(schedule->next(*next - 1ns) == next);
    if (*next < WallTime::max()) CHECK(schedule->previous(*next + 1ns) == next);
    const auto before = schedule->previous(*next);
    CHECK(!before || *before <= now);
    const auto after = schedule->next(*next);
    if (after) CHECK(schedule->previous(*after) == next);
  }
  if (const auto last = schedule->previous(now)) {
    CHECK(*last < now);
    check_due(*fields, zone, *last);
    const auto after = schedule->next(*last);
    CHECK(!after || *after >= now);
  }
  return 0;
}
