// Cron: when a recurring scheduled action is due, in a time zone. Pure, but that parse() reads the
// zone's file, once for each zone and process.
//
// Sources: EC2 Auto Scaling user guide, "Scheduled scaling" (ec2-auto-scaling-scheduled-scaling),
// which takes five fields of Unix cron and an IANA time zone; crontab(5) and cron(8) of Vixie cron
// for what the guide leaves open.
//
//   minute        0-59
//   hour          0-23
//   day-of-month  1-31
//   month         1-12 or JAN-DEC
//   day-of-week   0-7 or SUN-SAT; 0 and 7 are Sunday
//
// A field is * or a list (1,15) of numbers, names and ranges (9-17); * and ranges may have a step
// (*/15, 9-17/2). Names in any case. Where day-of-month and day-of-week both do not begin with *,
// one of them suffices. There are no seconds, years, @daily, L, W, # or ?.
//
// When the clocks change, a schedule keeps its local time: the guide's 8:00 in America/New_York is
// 13:00 UTC in winter and 12:00 UTC in summer. What the guide leaves open is as in Vixie cron:
//   * a time that does not exist, as the clock goes forward, is due once, right after the gap;
//   * a time that exists twice, as the clock goes back, is due once: the first time;
//   * but where minute or hour begins with *, a schedule follows the clock as it runs: nothing is
//     due for the gap, and in the hour that comes twice it is due both times.
#pragma once

#include <cctz/time_zone.h>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace weir {

// Bit n of a field is set where n matches; Sunday is bit 0.
struct CronFields {
  std::uint64_t minutes = 0;
  std::uint64_t hours = 0;
  std::uint64_t days = 0;
  std::uint64_t months = 0;
  std::uint64_t weekdays = 0;
  bool either_day = false;  // days or weekdays suffices; else both must match
  bool by_clock = false;    // minute or hour begins with *
};

// A value; any thread.
class Cron {
 public:
  static constexpr std::size_t kLongest = 255;  // characters, as in EC2

  // `zone` is an IANA name: Europe/Berlin. Errors name the field and the remedy; a schedule that
  // is never due (30 February) is one.
  static Result<Cron> parse(std::string_view text, const std::string& zone = "Etc/UTC");

  // The first time it is due after `after`, the last one before `before`; neither includes its
  // argument. Nothing where WallTime (1677 to 2262) cannot hold it.
  std::optional<WallTime> next(WallTime after) const;
  std::optional<WallTime> previous(WallTime before) const;

 private:
  Cron(const CronFields& fields, const cctz::time_zone& zone) : fields_(fields), zone_(zone) {}

  CronFields fields_;
  cctz::time_zone zone_;
};

}  // namespace weir
