// The tables of scaling policies.
#include <fmt/format.h>

#include "config/field.h"
#include "config/reader.h"
#include "config/word.h"
#include "model/desired_fields.h"
#include "model/desired_syntax.h"
#include "model/metric_name.h"

namespace weir {

using config::above_zero;
using config::also_called;
using config::between;
using config::Cursor;
using config::field;
using config::field_as;
using config::is;
using config::one_of;
using config::required;
using config::struct_type;
using config::word_type;

namespace {

void check_policy(const Cursor& cursor, void*) {
  std::vector<config::Entry> entries = cursor.node().entries;
  std::erase_if(entries, [](const auto& entry) { return entry.key == "name"; });
  if (entries.empty()) {
    cursor.mistake("is empty",
                   "write target_tracking: { metric: in_flight_per_endpoint, target: 2 }");
  } else if (entries.size() > 1) {
    cursor.mistake_at(entries[1], "a second key in one policy",
                      "write one kind per item: - target_tracking: { metric: ..., target: ... }");
  }
}

// A metric: one of those that a scaling group has by itself, or a name (metric_name.h).
struct MetricWord {
  std::vector<std::string> words;
  std::string range() const { return config::OneOf{words}.range(); }
  config::Verdict operator()(const std::string& value) const {
    if (value.empty()) return config::OneOf{words}(value);
    const auto name = parse_metric_name(value);
    if (name) return std::nullopt;  // whether there is one, desired_validate_alarms.cc says
    return config::Complaint{fmt::format("'{}': {}", config::shorten(value), name.error().message),
                             "write it as custom.backlog{model=a}"};
  }
};

const config::Type& adjustment_type() {
  return word_type<AdjustmentType>({{"change", AdjustmentType::change_in_capacity},
                                    {"exact", AdjustmentType::exact_capacity},
                                    {"percent", AdjustmentType::percent_change_in_capacity}});
}

}  // namespace

const config::Type& config_type(const TargetTracking*) {
  static const auto type = struct_type<TargetTracking>(
      "map", {also_called(field("metric", &TargetTracking::metric,
                                "what is held at the target; or a name of metrics, or one with a "
                                "dimension: a mean per instance",
                                MetricWord{tracked_metrics()}),
                          {"predefined_metric", "metric_name", "predefined_metric_type"}),
              also_called(field("target", &TargetTracking::target,
                                "its value per endpoint; latencies in seconds", above_zero()),
                          {"target_value", "value"}),
              field("tolerance", &TargetTracking::tolerance,
                    "no action while metric/target is within 1 +- this", between(0, 0.99)),
              also_called(field("scale_in_cooldown", &TargetTracking::scale_in_cooldown,
                                "after a scale-in, until the next", between(0s, 24h)),
                          {"cooldown", "stabilization", "scale_down_cooldown"}),
              also_called(field("scale_in", &TargetTracking::scale_in, "false: only ever adds"),
                          {"disable_scale_in", "scale_down"})});
  return type;
}

std::vector<config::Field> alarm_fields(std::size_t offset) {
  std::vector<config::Field> fields = {
      also_called(
          field("metric", &Alarm::metric,
                "what is watched; latency needs a percentile; or a name of metrics, or one with a "
                "dimension, such as in_flight{target_group=ocr} or custom.backlog{model=a}",
                MetricWord{alarm_metrics()}),
          {"metric_name"}),
      field_as(word_type<Statistic>({{"average", Statistic::average},
                                     {"sum", Statistic::sum},
                                     {"minimum", Statistic::minimum},
                                     {"maximum", Statistic::maximum},
                                     {"sample_count", Statistic::sample_count}}),
               "statistic", &Alarm::statistic, "what makes one datapoint of a period's seconds"),
      also_called(
          field("percentile", &Alarm::percentile, "instead of the statistic", between(0, 100)),
          {"extended_statistic"}),
      field("period", &Alarm::period, "of one datapoint", between(1s, 1h)),
      field("evaluation_periods", &Alarm::evaluation_periods, "datapoints that are judged",
            between(1, 1000)),
      field("datapoints_to_alarm", &Alarm::datapoints_to_alarm,
            "of them, that have to breach; default: all", between(1, 1000)),
      field("threshold", &Alarm::threshold, "of the metric; latencies in seconds"),
      also_called(
          field_as(word_type<Comparison>({{"greater", Comparison::greater},
                                          {"greater_or_equal", Comparison::greater_or_equal},
                                          {"less", Comparison::less},
                                          {"less_or_equal", Comparison::less_or_equal}}),
                   "comparison", &Alarm::comparison,
                   "a datapoint breaches when it is ... the threshold"),
          {"comparison_operator"}),
      also_called(field_as(word_type<MissingData>({{"missing", MissingData::missing},
                                                   {"ignore", MissingData::ignore},
                                                   {"breaching", MissingData::breaching},
                                                   {"not_breaching", MissingData::not_breaching}}),
                           "missing_data", &Alarm::missing_data,
                           "what a period without a datapoint counts as"),
                  {"treat_missing_data"})};
  for (config::Field& one : fields) one.offset += offset;
  return fields;
}

const config::Type& config_type(const Alarm*) {
  static const auto type = struct_type<Alarm>("map", alarm_fields(0));
  return type;
}

const config::Type& config_type(const StepAdjustment*) {
  static const auto type = struct_type<StepAdjustment>(
      "map",
      {also_called(field("from", &StepAdjustment::lower,
                         "metric less threshold, at least; without: open below"),
                   {"lower", "lower_bound", "metric_interval_lower_bound"}),
       also_called(field("to", &StepAdjustment::upper, "and below this; without: open above"),
                   {"upper", "upper_bound", "metric_interval_upper_bound"}),
       also_called(field("adjustment", &StepAdjustment::adjustment,
                         "instances or percent; below 0 takes away"),
                   {"scaling_adjustment", "change", "by"})});
  return type;
}

const config::Type& config_type(const StepScaling*) {
  static const auto type = struct_type<StepScaling>(
      "map",
      {field("alarm", &StepScaling::alarm,
             "while it is on, the policy acts, once a period; without one: when an alarm of alarms "
             "names the policy"),
       also_called(field_as(adjustment_type(), "type", &StepScaling::type,
                            "what adjustments mean: instances more or fewer, so many, percent"),
                   {"adjustment_type"}),
       also_called(field("min_adjustment", &StepScaling::min_adjustment_magnitude,
                         "instances, where the type is percent", between(0, 10000)),
                   {"min_adjustment_magnitude"}),
       also_called(field("steps", &StepScaling::steps,
                         "what to do, by how far the metric is from the threshold"),
                   {"step_adjustments"})});
  return type;
}

const config::Type& config_type(const SimpleScaling*) {
  static const auto type = struct_type<SimpleScaling>(
      "map",
      {field("alarm", &SimpleScaling::alarm,
             "while it is on, the policy acts; without one: when an alarm of alarms names the "
             "policy"),
       also_called(field_as(adjustment_type(), "type", &SimpleScaling::type,
                            "what the adjustment means: instances more or fewer, so many, percent"),
                   {"adjustment_type"}),
       also_called(field("min_adjustment", &SimpleScaling::min_adjustment_magnitude,
                         "instances, where the type is percent", between(0, 10000)),
                   {"min_adjustment_magnitude"}),
       also_called(field("adjustment", &SimpleScaling::adjustment,
                         "instances or percent; below 0 takes away"),
                   {"scaling_adjustment", "change", "by"}),
       field("cooldown", &SimpleScaling::cooldown, "after a change has ended, until the next one",
             between(0s, 24h))});
  return type;
}

const config::Type& config_type(const Slo*) {
  static const auto type = struct_type<Slo>(
      "map",
      {also_called(field("bound", &Slo::bound,
                         "of a request's time in weir and at the endpoint, the wait included",
                         between(1ms, 24h)),
                   {"latency", "target", "objective"}),
       field("percentile", &Slo::percentile, "of requests that are to be within the bound",
             between(1, 99.99)),
       field("start_time", &Slo::start_time, "of an instance, until one has been seen to start",
             between(0s, 1h))});
  return type;
}

const config::Type& config_type(const Predictive*) {
  static const auto type = struct_type<Predictive>(
      "map",
      {field("metric", &Predictive::metric, "what is forecast",
             one_of({"in_flight_per_endpoint", "requests_per_second_per_endpoint"})),
       also_called(field("target", &Predictive::target, "its value per endpoint", above_zero()),
                   {"target_value"}),
       field("mode", &Predictive::mode, "forecast_only: it only says what it would do",
             one_of({"forecast_and_scale", "forecast_only"})),
       also_called(field("buffer", &Predictive::buffer,
                         "earlier than an instance's start time demands", between(0s, 1h)),
                   {"scheduling_buffer_time"}),
       field("start_time", &Predictive::start_time,
             "of an instance, until one has been seen to start", between(0s, 1h)),
       also_called(
           field("max_capacity_behaviour", &Predictive::max_capacity_behaviour,
                 "increase: a forecast may raise the group's max", one_of({"honor", "increase"})),
           {"max_capacity_behavior", "max_capacity_breach_behavior"}),
       field("max_capacity_buffer", &Predictive::max_capacity_buffer,
             "percent above the forecast that max is raised to", between(0, 100))});
  return type;
}

const config::Type& config_type(const Scheduled*) {
  static const auto type = struct_type<Scheduled>(
      "map",
      {also_called(field("schedule", &Scheduled::schedule,
                         "cron: minute hour day-of-month month day-of-week, such as 0 8 * * 1-5"),
                   {"recurrence", "cron"}),
       also_called(
           field("time_zone", &Scheduled::time_zone, "of the schedule, such as Europe/Berlin"),
           {"timezone", "tz"}),
       field("at", &Scheduled::at, "once, instead of a schedule: 2026-12-24T08:00:00Z",
             is(syntax::wall_time)),
       also_called(field("start", &Scheduled::start, "the schedule holds from then on",
                         is(syntax::wall_time)),
                   {"start_time"}),
       also_called(field("end", &Scheduled::end, "and until then", is(syntax::wall_time)),
                   {"end_time"}),
       also_called(
           field("min", &Scheduled::min, "fewest instances from then on", between(0, 10000)),
           {"min_size", "min_capacity"}),
       also_called(field("max", &Scheduled::max, "most instances from then on", between(0, 10000)),
                   {"max_size", "max_capacity"}),
       also_called(field("desired", &Scheduled::desired, "instances then, once", between(0, 10000)),
                   {"desired_capacity"})});
  return type;
}

const config::Type& config_type(const Policy*) {
  static const auto type = struct_type<Policy>(
      "map",
      {field("name", &Policy::name, "by which an alarm of alarms runs it, if it is step or simple"),
       field("target_tracking", &Policy::target_tracking,
             "keeps a metric at a target, as a thermostat does"),
       also_called(field("scheduled", &Policy::scheduled,
                         "other bounds, or another capacity, at a time or at times of a schedule"),
                   {"schedule", "scheduled_action", "cron"}),
       also_called(field("step", &Policy::step,
                         "while an alarm is on, steps by how far the metric is from its threshold"),
                   {"step_scaling"}),
       also_called(field("simple", &Policy::simple,
                         "while an alarm is on, one change at a time with a cooldown"),
                   {"simple_scaling"}),
       also_called(field("slo", &Policy::slo,
                         "keeps a percentile of latency under a bound with as few instances as "
                         "it can"),
                   {"latency", "service_level"}),
       field("predictive", &Policy::predictive,
             "has ready what a forecast says will be needed; a floor, beside other policies")},
      check_policy);
  return type;
}

}  // namespace weir
