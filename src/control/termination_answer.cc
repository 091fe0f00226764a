#include "control/termination_answer.h"

#include <nlohmann/json.hpp>

namespace weir::control {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kBlank = " \t\r\n";

std::string_view last_line(std::string_view output) {
  const auto end = output.find_last_not_of(kBlank);
  if (end == std::string_view::npos) return {};
  output = output.substr(0, end + 1);
  const auto before = output.find_last_of('\n');
  return before == std::string_view::npos ? output : output.substr(before + 1);
}

}  // namespace

Result<std::vector<std::string>> parse_termination_answer(std::string_view output) {
  const std::string_view line = last_line(output);
  if (line.empty()) return fail(Code::invalid, "it wrote nothing");
  const Json json = Json::parse(line, nullptr, false);
  const Json list = json.is_object() ? json.value("terminate", Json()) : Json();
  if (!list.is_array()) {
    return fail(Code::invalid, R"(its last line was not {"terminate": ["i-..."]})");
  }
  std::vector<std::string> ids;
  for (const Json& one : list) {
    if (!one.is_string()) return fail(Code::invalid, "'terminate' has something that is no id");
    ids.push_back(one.get<std::string>());
  }
  return ids;
}

}  // namespace weir::control
