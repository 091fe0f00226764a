// What CloudWatch keeps of a tenant, and how its alarms are named. Lives on the control thread.
#pragma once

#include <string>
#include <vector>

#include "api/aws/cloudwatch/service.h"
#include "api/aws/world.h"
#include "control/status.h"

namespace weir::amazon::cloudwatch {

struct CloudWatchBook : BookOf<CloudWatchBook> {
  static constexpr std::string_view kService = "cloudwatch";
  Shelf<MetricAlarm> alarms;  // by name
  template <class Self, class Visit>
  static void shelves(Self& self, Visit visit) {
    visit("alarm", self.alarms);
  }
};

std::string alarm_arn(const Tenant& tenant, std::string_view name);
// What an alarm is in now, by its name within weir; those that are not judged are missing.
std::map<std::string, control::AlarmStatus> standings(const World& world);
// The alarm as Describe answers it.
MetricAlarm described(const Context& context, const Kept<MetricAlarm>& kept,
                      const std::map<std::string, control::AlarmStatus>& standings);
// All of the tenant with their states, those of files too; by name.
std::vector<MetricAlarm> all_alarms(const Context& context);
// The alarm that an ARN names, in this tenant.
Reply<std::string> alarm_of_arn(const Context& context, const std::string& arn);

// A part of a list, and what the next part is asked for with: the place, as text.
template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;
};
Reply<std::size_t> begin_of(const std::optional<std::string>& token, std::size_t size);
template <class T>
Reply<Page<T>> page_of(std::vector<T> all, const std::optional<std::string>& token,
                       std::size_t most) {
  TRY(const std::size_t begin, begin_of(token, all.size()));
  Page<T> page;
  const std::size_t end = std::min(all.size(), begin + most);
  for (std::size_t i = begin; i < end; ++i) page.items.push_back(std::move(all[i]));
  if (end < all.size()) page.next = std::to_string(end);
  return page;
}

}  // namespace weir::amazon::cloudwatch
