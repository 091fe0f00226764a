#include "fleet/process/record.h"

#include <nlohmann/json.hpp>

namespace weir::fleet {

using Json = nlohmann::json;

std::string to_json(const Record& record) {
  const Json json = {
      {"group", record.group},
      {"version", record.version},
      {"port", record.port},
      {"devices", record.devices},
      {"cpus", record.cpus},
      {"memory", record.memory.value},
      {"processes", record.processes},
      {"started", record.started.time_since_epoch().count()},
      {"log", record.log},
      {"cgroup", record.cgroup},
      {"pid", record.process.pid},
      {"start", record.process.start},
      {"boot", record.boot},
      {"stopping", record.stopping},
      {"grace", record.grace.count()},
  };
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Record> parse_record(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    Record record;
    json.at("group").get_to(record.group);
    json.at("version").get_to(record.version);
    json.at("port").get_to(record.port);
    json.at("devices").get_to(record.devices);
    json.at("cpus").get_to(record.cpus);
    json.at("memory").get_to(record.memory.value);
    json.at("processes").get_to(record.processes);
    record.started = WallTime(Duration(json.at("started").get<std::int64_t>()));
    json.at("log").get_to(record.log);
    json.at("cgroup").get_to(record.cgroup);
    json.at("pid").get_to(record.process.pid);
    json.at("start").get_to(record.process.start);
    json.at("boot").get_to(record.boot);
    json.at("stopping").get_to(record.stopping);
    record.grace = Duration(json.at("grace").get<std::int64_t>());
    return record;
  } catch (const Json::exception& error) {
    return fail(Code::invalid, std::string("record of an instance: ") + error.what());
  }
}

}  // namespace weir::fleet
