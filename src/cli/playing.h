// playing: what `simulate` and `recommend` share: a configuration, a trace, and what is assumed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/arguments.h"
#include "cli/command.h"
#include "simulate/scenario.h"

namespace weir::cli {

class Playing {
 public:
  void declare(Arguments& arguments);
  // The scenario of FILE; the command's complaint has been printed where there is none.
  std::optional<simulate::Scenario> scenario(Shell& shell) const;
  // Of another configuration, with the same assumptions.
  std::optional<simulate::Scenario> scenario(const std::string& path, Shell& shell) const;
  // Requests of the scenario's target groups.
  std::optional<simulate::RequestTrace> trace(const simulate::Scenario& scenario,
                                              Shell& shell) const;

 private:
  Result<> assume(simulate::Scenario& scenario) const;
  Result<std::string> read() const;

  std::string path_;
  std::string trace_;
  std::string group_;
  std::uint32_t seed_ = 1;
  std::string share_ = "1";
  std::string unit_ = "s";
  std::string skip_;
  std::string slo_;
  std::string start_time_;
  std::string service_time_;
  std::string slots_;
};

}  // namespace weir::cli
