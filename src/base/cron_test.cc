#include "base/cron.h"

#include <gtest/gtest.h>
#include <functional>
#include <vector>

namespace weir {
namespace {

using Texts = std::vector<std::string>;

// 2026-11-21 06:25, in UTC.
WallTime utc(const std::string& text) {
  WallTime out;
  EXPECT_TRUE(cctz::parse("%Y-%m-%d %H:%M", text, cctz::utc_time_zone(), &out)) << text;
  return out;
}
std::string shown(std::optional<WallTime> at) {
  return at ? cctz::format("%Y-%m-%d %H:%M", *at, cctz::utc_time_zone()) : "never";
}

Cron cron(std::string_view text, const std::string& zone = "Etc/UTC") {
  auto parsed = Cron::parse(text, zone);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *parsed;
}

// When it is due after `after`, `count` times, in UTC; previous() must agree.
Texts due(const Cron& schedule, const std::string& after, int count) {
  Texts out;
  WallTime at = utc(after);
  for (int i = 0; i < count; ++i) {
    const auto next = schedule.next(at);
    if (!next) break;
    EXPECT_EQ(shown(schedule.previous(*next + 1ns)), shown(next));
    if (i > 0) {
      EXPECT_EQ(shown(schedule.previous(*next)), out.back());
    }
    out.push_back(shown(next));
    at = *next;
  }
  return out;
}

std::string error(std::string_view text, const std::string& zone = "Etc/UTC") {
  const auto parsed = Cron::parse(text, zone);
  return parsed ? "none" : parsed.error().message;
}

TEST(Cron, IsDueAtTheGuidesTimes) {
  EXPECT_EQ(due(cron("30 6 * * 2"), "2026-11-21 00:00", 2),
            Texts({"2026-11-24 06:30", "2026-12-01 06:30"}));
  EXPECT_EQ(
      due(cron("30 0 1 1,6,12 *"), "2026-11-21 00:00", 4),
      Texts({"2026-12-01 00:30", "2027-01-01 00:30", "2027-06-01 00:30", "2027-12-01 00:30"}));
  EXPECT_EQ(due(cron("0 9 * * *"), "2026-11-21 09:00", 1), Texts({"2026-11-22 09:00"}));
  EXPECT_EQ(due(cron("0 18 * * 1-5", "America/New_York"), "2026-11-20 22:00", 2),
            Texts({"2026-11-20 23:00", "2026-11-23 23:00"}));
}

TEST(Cron, KeepsLocalTimeOverASeasonAsInTheGuide) {
  EXPECT_EQ(due(cron("0 8 * * *", "America/New_York"), "2026-03-06 14:00", 3),
            Texts({"2026-03-07 13:00", "2026-03-08 12:00", "2026-03-09 12:00"}));
}

TEST(Cron, ReadsListsRangesAndSteps) {
  EXPECT_EQ(due(cron("5,10,20-22 0 1 1 *"), "2026-01-01 00:00", 5),
            Texts({"2026-01-01 00:05", "2026-01-01 00:10", "2026-01-01 00:20", "2026-01-01 00:21",
                   "2026-01-01 00:22"}));
  EXPECT_EQ(
      due(cron("*/20 9-17/4 * * *"), "2026-01-01 00:00", 4),
      Texts({"2026-01-01 09:00", "2026-01-01 09:20", "2026-01-01 09:40", "2026-01-01 13:00"}));
}

TEST(Cron, ReadsNamesInAnyCase) {
  EXPECT_EQ(due(cron("0 0 * jan,Feb mon-WED"), "2026-01-26 12:00", 3),
            Texts({"2026-01-27 00:00", "2026-01-28 00:00", "2026-02-02 00:00"}));
}

TEST(Cron, TakesSundayAsTheFirstDayAndTheLast) {
  const Texts sundays = {"2026-11-22 00:00", "2026-11-29 00:00"};
  for (const char* day : {"0", "7", "SUN", "0,7", "0-0", "7-7"}) {
    EXPECT_EQ(due(cron(std::string("0 0 * * ") + day), "2026-11-21 00:00", 2), sundays) << day;
  }
  for (const char* days : {"5-7", "FRI-SUN", "FRI-0"}) {
    EXPECT_EQ(
        due(cron(std::string("0 0 * * ") + days), "2026-11-19 00:00", 4),
        Texts({"2026-11-20 00:00", "2026-11-21 00:00", "2026-11-22 00:00", "2026-11-27 00:00"}))
        << days;
  }
}

TEST(Cron, IsDueOnEitherDayWhereBothAreRestricted) {
  EXPECT_EQ(
      due(cron("30 4 1,15 * 5"), "2026-11-01 05:00", 4),
      Texts({"2026-11-06 04:30", "2026-11-13 04:30", "2026-11-15 04:30", "2026-11-20 04:30"}));
}

TEST(Cron, IsDueOnDaysThatMatchBothWhereOneBeginsWithAStar) {
  EXPECT_EQ(due(cron("0 0 */2 * MON"), "2026-11-01 00:00", 3),
            Texts({"2026-11-09 00:00", "2026-11-23 00:00", "2026-12-07 00:00"}));
}

TEST(Cron, WaitsForA29thOfFebruary) {
  EXPECT_EQ(due(cron("0 0 29 2 *"), "2095-01-01 00:00", 3),
            Texts({"2096-02-29 00:00", "2104-02-29 00:00", "2108-02-29 00:00"}));
  EXPECT_EQ(shown(cron("0 0 29 2 *").previous(utc("2104-02-29 00:00"))), "2096-02-29 00:00");
}

TEST(Cron, LeavesOutItsArgumentToTheNanosecond) {
  const Cron noon = cron("0 12 * * *");
  const WallTime at = utc("2026-11-21 12:00");
  EXPECT_EQ(noon.next(at), at + 24h);
  EXPECT_EQ(noon.next(at - 1ns), at);
  EXPECT_EQ(noon.previous(at), at - 24h);
  EXPECT_EQ(noon.previous(at + 1ns), at);
}

TEST(CronGap, RunsRightAfterATimeThatDoesNotExist) {
  // Berlin, 29 March 2026: 01:00 UTC goes from 02:00 to 03:00.
  EXPECT_EQ(due(cron("30 2 * * *", "Europe/Berlin"), "2026-03-27 12:00", 3),
            Texts({"2026-03-28 01:30", "2026-03-29 01:00", "2026-03-30 00:30"}));
}

TEST(CronGap, RunsOnceForAllThatItSwallowed) {
  EXPECT_EQ(
      due(cron("0,10,20 2,3 * * *", "Europe/Berlin"), "2026-03-28 12:00", 4),
      Texts({"2026-03-29 01:00", "2026-03-29 01:10", "2026-03-29 01:20", "2026-03-30 00:00"}));
}

TEST(CronGap, RunsAfterADayThatDoesNotExist) {
  // Samoa left out 30 December 2011: the 31st began at 10:00 UTC on the 30th.
  EXPECT_EQ(due(cron("0 12 30 12 *", "Pacific/Apia"), "2011-01-01 00:00", 2),
            Texts({"2011-12-30 10:00", "2012-12-29 22:00"}));
}

TEST(CronGap, IsNothingToASchedulePerClock) {
  EXPECT_EQ(
      due(cron("*/30 * * * *", "Europe/Berlin"), "2026-03-29 00:00", 4),
      Texts({"2026-03-29 00:30", "2026-03-29 01:00", "2026-03-29 01:30", "2026-03-29 02:00"}));
  EXPECT_EQ(due(cron("45 * * * *", "Europe/Berlin"), "2026-03-29 00:00", 2),
            Texts({"2026-03-29 00:45", "2026-03-29 01:45"}));
  EXPECT_EQ(due(cron("* 2 * * *", "Europe/Berlin"), "2026-03-28 01:59", 1),
            Texts({"2026-03-30 00:00"}));
}

TEST(CronOverlap, RunsTheFirstTimeOnly) {
  // Berlin, 25 October 2026: 01:00 UTC goes from 03:00 back to 02:00.
  EXPECT_EQ(due(cron("30 2 * * *", "Europe/Berlin"), "2026-10-24 12:00", 2),
            Texts({"2026-10-25 00:30", "2026-10-26 01:30"}));
  EXPECT_EQ(due(cron("0 2,3 * * *", "Europe/Berlin"), "2026-10-24 12:00", 3),
            Texts({"2026-10-25 00:00", "2026-10-25 02:00", "2026-10-26 01:00"}));
}

TEST(CronOverlap, IsLookedBackAtFromItsSecondPass) {
  const Cron schedule = cron("15,45 2 * * *", "Europe/Berlin");
  EXPECT_EQ(shown(schedule.previous(utc("2026-10-25 01:20"))), "2026-10-25 00:45");
  EXPECT_EQ(shown(schedule.previous(utc("2026-10-25 00:20"))), "2026-10-25 00:15");
  EXPECT_EQ(shown(schedule.next(utc("2026-10-25 01:20"))), "2026-10-26 01:15");
}

TEST(CronOverlap, RunsBothTimesPerClock) {
  EXPECT_EQ(due(cron("*/30 * * * *", "Europe/Berlin"), "2026-10-24 23:45", 6),
            Texts({"2026-10-25 00:00", "2026-10-25 00:30", "2026-10-25 01:00", "2026-10-25 01:30",
                   "2026-10-25 02:00", "2026-10-25 02:30"}));
}

TEST(CronOverlap, CanBeHalfAnHour) {
  // Lord Howe Island, 5 April 2026: 15:00 UTC goes from 02:00 back to 01:30.
  EXPECT_EQ(due(cron("45 1 * * *", "Australia/Lord_Howe"), "2026-04-03 20:00", 2),
            Texts({"2026-04-04 14:45", "2026-04-05 15:15"}));
}

TEST(Cron, KnowsTheSeasonsBeyondTheTables) {
  EXPECT_EQ(due(cron("0 8 * * *", "Europe/Berlin"), "2050-06-30 12:00", 1),
            Texts({"2050-07-01 06:00"}));
  EXPECT_EQ(due(cron("0 8 * * *", "Europe/Berlin"), "2050-12-30 12:00", 1),
            Texts({"2050-12-31 07:00"}));
}

TEST(Cron, EndsWhereWallTimeEnds) {
  EXPECT_EQ(cron("0 0 1 1 *").next(WallTime::max()), std::nullopt);
  EXPECT_EQ(cron("* * * * *").next(WallTime::max()), std::nullopt);
  EXPECT_EQ(cron("0 0 1 1 *").previous(WallTime::min()), std::nullopt);
  EXPECT_EQ(cron("* * * * *", "Europe/Berlin").previous(WallTime::min()), std::nullopt);
  EXPECT_EQ(shown(cron("0 0 1 1 *").previous(WallTime::max())), "2262-01-01 00:00");
}

// Each minute of two weeks around a change, against what next() and previous() say.
struct Sample {
  std::string text;
  bool by_clock;
  std::function<bool(cctz::civil_minute)> matches;
};

void compare(const Sample& sample, const std::string& zone_name, WallTime begin) {
  cctz::time_zone zone;
  ASSERT_TRUE(cctz::load_time_zone(zone_name, &zone)) << zone_name;
  const WallTime end = begin + 14 * 24h;
  Texts expected;
  if (sample.by_clock) {
    for (WallTime at = begin; at < end; at += 60s) {
      const auto civil = cctz::convert(at, zone);
      if (civil.second() == 0 && sample.matches(cctz::civil_minute(civil)))
        expected.push_back(shown(at));
    }
  } else {
    const cctz::civil_minute last(cctz::convert(end + 48h, zone));
    for (cctz::civil_minute c(cctz::convert(begin - 48h, zone)); c < last; ++c) {
      if (!sample.matches(c)) continue;
      const WallTime at = cctz::convert(cctz::civil_second(c), zone);
      const bool again = !expected.empty() && expected.back() == shown(at);
      if (at >= begin && at < end && !again) expected.push_back(shown(at));
    }
  }
  const Cron schedule = cron(sample.text, zone_name);
  Texts forth;
  for (auto at = schedule.next(begin - 1ns); at && *at < end; at = schedule.next(*at)) {
    forth.push_back(shown(at));
  }
  Texts back;
  for (auto at = schedule.previous(end); at && *at >= begin; at = schedule.previous(*at)) {
    back.insert(back.begin(), shown(at));
  }
  EXPECT_EQ(forth, expected) << sample.text << " in " << zone_name;
  EXPECT_EQ(back, expected) << sample.text << " in " << zone_name;
}

TEST(Cron, AgreesWithLookingAtEachMinute) {
  const std::vector<Sample> samples = {
      {"*/7 1-3 * * *", true,
       [](cctz::civil_minute m) { return m.minute() % 7 == 0 && m.hour() >= 1 && m.hour() <= 3; }},
      {"13 * * * *", true, [](cctz::civil_minute m) { return m.minute() == 13; }},
      {"0,30,59 0-3,23 * * *", false,
       [](cctz::civil_minute m) {
         return (m.minute() % 30 == 0 || m.minute() == 59) && (m.hour() <= 3 || m.hour() == 23);
       }},
      {"15 1,2 4-8 * SUN", false,
       [](cctz::civil_minute m) {
         const bool sunday = cctz::get_weekday(cctz::civil_day(m)) == cctz::weekday::sunday;
         return m.minute() == 15 && (m.hour() == 1 || m.hour() == 2) &&
                ((m.day() >= 4 && m.day() <= 8) || sunday);
       }},
  };
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"Europe/Berlin", "2026-03-22 00:00"},       {"Europe/Berlin", "2026-10-18 00:00"},
      {"America/New_York", "2026-03-01 00:00"},    {"America/New_York", "2026-10-25 00:00"},
      {"Australia/Lord_Howe", "2026-03-29 00:00"}, {"Australia/Lord_Howe", "2026-09-27 00:00"},
      {"Pacific/Apia", "2011-12-24 00:00"},        {"Africa/Casablanca", "2026-02-10 00:00"},
      {"Asia/Kathmandu", "2026-01-01 00:00"},      {"Pacific/Kwajalein", "1993-08-15 00:00"},
      {"Pacific/Kwajalein", "1969-09-24 00:00"},
  };
  for (const Sample& sample : samples) {
    for (const auto& [zone, begin] : changes) compare(sample, zone, utc(begin));
  }
}

TEST(CronMistakes, NameTheFieldAndTheRemedy) {
  EXPECT_EQ(error("60 * * * *"), "minute: '60' is not one (write 0 to 59, or *)");
  EXPECT_EQ(error("0 24 * * *"), "hour: '24' is not one (write 0 to 23, or *)");
  EXPECT_EQ(error("0 0 0 * *"), "day-of-month: '0' is not one (write 1 to 31, or *)");
  EXPECT_EQ(error("0 0 * JUNE *"), "month: 'JUNE' is not one (write 1 to 12, or JAN to DEC, or *)");
  EXPECT_EQ(error("0 0 * * 8"), "day-of-week: '8' is not one (write 0 to 7, or SUN to SAT, or *)");
  EXPECT_EQ(error("0 0 ? * MON"), "day-of-month: '?' is not one (write 1 to 31, or *)");
  EXPECT_EQ(error("1, 0 * * *"), "minute: a value is missing (write 0 to 59, or *)");
  EXPECT_EQ(error("-5 0 * * *"), "minute: a value is missing (write 0 to 59, or *)");
}

TEST(CronMistakes, AreRangesAndStepsThatMeanNothing) {
  EXPECT_EQ(error("0 22-6 * * *"), "hour: range '22-6' goes backwards (write 22-23,0-6)");
  EXPECT_EQ(error("0 0 * * FRI-MON"),
            "day-of-week: range 'FRI-MON' goes backwards (write FRI-6,0-MON)");
  EXPECT_EQ(error("5/15 * * * *"), "minute: '5/15' has a step but no range (write 5-59/15)");
  EXPECT_EQ(error("*/90 * * * *"), "minute: step '90' is none (write 1 to 59)");
  EXPECT_EQ(error("*/0 * * * *"), "minute: step '0' is none (write 1 to 59)");
  EXPECT_EQ(error("*/ * * * *"), "minute: step '' is none (write 1 to 59)");
}

TEST(CronMistakes, AreOtherNumbersOfFields) {
  EXPECT_EQ(error("0 0 * *"),
            "schedule '0 0 * *' has 4 fields, not 5 (write minute hour day-of-month month "
            "day-of-week, like 30 6 * * MON-FRI)");
  EXPECT_EQ(error("@daily").substr(0, 37), "schedule '@daily' has 1 field, not 5 ");
  EXPECT_EQ(error("").substr(0, 31), "schedule '' has 0 fields, not 5");
  EXPECT_EQ(error(std::string(300, '*')), "schedule has 300 characters (write at most 255)");
}

TEST(CronMistakes, AreDaysThatNeverCome) {
  EXPECT_EQ(error("0 0 30 2 *"),
            "day-of-month: the months of '2' have no day 30 (write a day that exists, or other "
            "months)");
  EXPECT_EQ(error("0 0 31 2,4,jun-JUN,9,11 *"),
            "day-of-month: the months of '2,4,jun-JUN,9,11' have no day 31 (write a day that "
            "exists, or other months)");
  EXPECT_EQ(error("0 0 30 2 MON"), "none") << "Mondays of February suffice";
}

TEST(CronMistakes, AreZonesThatAreNotInTheDatabase) {
  EXPECT_EQ(error("0 0 * * *", "Europe/Berln"),
            "time zone 'Europe/Berln' is not known here (write an IANA name, like Europe/Berlin "
            "or Etc/UTC)");
  for (const char* zone : {"", "/etc/passwd", "/usr/share/zoneinfo/Etc/UTC", "../etc/passwd",
                           "file:UTC", "Europe/../UTC", "Europe", "+01:00"}) {
    EXPECT_NE(error("0 0 * * *", zone), "none") << zone;
  }
}

TEST(Cron, TakesTabsAndSpacesAround) {
  EXPECT_EQ(due(cron("  0\t12  * * *  "), "2026-11-21 00:00", 1), Texts({"2026-11-21 12:00"}));
}

}  // namespace
}  // namespace weir
