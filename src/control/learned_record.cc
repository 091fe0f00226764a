#include "control/learned_record.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace weir::control {
namespace {

using Json = nlohmann::json;

double six_digits(double value) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const double unit = std::pow(10, 5 - std::floor(std::log10(std::fabs(value))));
  return std::isfinite(unit) && unit > 0 ? std::round(value * unit) / unit : value;
}

scale::Learned learned_in(const Json& json) {
  scale::Learned learned;
  for (const auto& [name, row] : json.items()) {
    if (!row.is_array()) continue;
    std::vector<double>& numbers = learned[name];
    for (const Json& one : row) {
      if (one.is_number()) numbers.push_back(one.get<double>());
    }
  }
  return learned;
}

}  // namespace

std::string text_of(const LearnedRecord& record) {
  Json all = Json::array();
  for (const scale::Learned& learned : record.policies) {
    Json one = Json::object();
    for (const auto& [name, numbers] : learned) {
      Json& row = one[name] = Json::array();
      for (const double number : numbers) row.push_back(six_digits(number));
    }
    all.push_back(std::move(one));
  }
  return Json{{"at", record.at.time_since_epoch().count()}, {"policies", std::move(all)}}.dump();
}

LearnedRecord learned_of(std::string_view text) {
  LearnedRecord record;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return record;
  const Json at = json.value("at", Json());
  if (at.is_number_integer()) record.at = WallTime(Duration(at.get<std::int64_t>()));
  const Json policies = json.value("policies", Json());
  if (!policies.is_array()) return record;
  for (const Json& one : policies) {
    if (one.is_object()) record.policies.push_back(learned_in(one));
  }
  return record;
}

}  // namespace weir::control
