// Record: what is stored of an instance, so that a later weir can take it over.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "fleet/process/proc.h"
#include "model/desired.h"

namespace weir::fleet {

struct Record {
  std::string group;
  std::uint32_t version = 1;
  std::uint16_t port = 0;
  std::vector<std::string> devices;
  // Of its launch: what limits and percentages need.
  double cpus = 0;
  Bytes memory{0};
  std::uint32_t processes = 0;
  WallTime started{};
  std::string log;                            // its file
  std::map<std::string, std::string> cgroup;  // controller -> folder; empty: none
  // Once it has been spawned; 0 before.
  ProcessId process;
  std::string boot;  // of the machine: a pid means nothing after another boot
  // Once terminate() was called.
  bool stopping = false;
  Duration grace{};
};

std::string to_json(const Record& record);
Result<Record> parse_record(const std::string& json);

}  // namespace weir::fleet
