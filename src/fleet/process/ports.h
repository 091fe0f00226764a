// Ports and Devices: what instances are given for their life, each to one of them at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"

namespace weir::fleet {

// Nobody listens on it, on any local address, and it can be bound now.
bool port_is_free(std::uint16_t port);

// A range of ports, given out in a circle, so that the one used last comes last: what still waits
// in TIME_WAIT, and clients with an old address, meet nobody. Lives on one thread.
class Ports {
 public:
  Ports(std::uint16_t first, std::uint16_t last);

  // Skips those that are held, and those that somebody else has. Code::limit: none is left.
  Result<std::uint16_t> take();
  // For an adopted instance, whatever the range says.
  void hold(std::uint16_t port);
  void give_back(std::uint16_t port);
  std::uint32_t free() const;
  void set_range(std::uint16_t first, std::uint16_t last);

 private:
  std::uint32_t size() const { return static_cast<std::uint32_t>(last_ - first_) + 1; }

  std::uint16_t first_;
  std::uint16_t last_;
  std::uint32_t next_ = 0;  // offset in the range
  std::set<std::uint16_t> held_;
};

// A list of devices, as CUDA_VISIBLE_DEVICES names them. Lives on one thread.
class Devices {
 public:
  explicit Devices(std::vector<std::string> all) : all_(std::move(all)) {}

  // The first ones free. Code::limit: fewer than that are.
  Result<std::vector<std::string>> take(std::uint32_t count);
  // For an adopted instance, also if the list does not have them any more.
  void hold(const std::vector<std::string>& devices);
  void give_back(const std::vector<std::string>& devices);
  // None if no device is configured.
  std::optional<std::uint32_t> free() const;
  void set(std::vector<std::string> all) { all_ = std::move(all); }

 private:
  std::vector<std::string> all_;
  std::multiset<std::string> held_;
};

}  // namespace weir::fleet
