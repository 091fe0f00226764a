#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "control/handover.h"

namespace weir::control {
namespace {

using Json = nlohmann::json;

Error unreadable() { return Error(Code::invalid, "what the other weir said cannot be read"); }

struct NotWhole {};

// get<T>() would convert what does not fit, fractions included.
template <class T>
T whole(const Json& json) {
  if (json.is_number_unsigned() && std::in_range<T>(json.get<std::uint64_t>()))
    return json.get<T>();
  if (json.is_number_integer() && std::in_range<T>(json.get<std::int64_t>())) return json.get<T>();
  throw NotWhole();
}
template <class T>
T whole_or(const Json& json, const char* key, T otherwise) {
  const auto found = json.find(key);
  return found == json.end() ? otherwise : whole<T>(*found);
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    for (const int shift : {4, 0}) {
      text += "0123456789abcdef"[static_cast<unsigned char>(c) >> shift & 0xf];
    }
  }
  return text;
}
// "" where it is none.
std::string from_hex(std::string_view text) {
  std::string bytes(text.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char* const from = text.data() + 2 * i;
    std::uint8_t value = 0;
    if (std::from_chars(from, from + 2, value, 16).ptr != from + 2) return "";
    bytes[i] = static_cast<char>(value);
  }
  return bytes;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string to_line(const Handover& handover) {
  Json listeners = Json::array();
  for (const HandedListener& one : handover.listeners) {
    listeners.push_back({{"name", one.name}, {"bind", one.bind}, {"fds", one.fds}});
  }
  Json endpoints = Json::array();
  for (const EndpointMemory& one : handover.endpoints) {
    endpoints.push_back({{"group", one.group},
                         {"address", one.address},
                         {"instance", one.instance},
                         {"healthy", one.healthy},
                         {"draining", one.draining},
                         {"in_flight", one.in_flight},
                         {"in_service_since", one.in_service_since},
                         {"ejected_until", one.ejected_until},
                         {"latency", one.latency},
                         {"latency_stamp", one.latency_stamp}});
  }
  Json keys = Json::array();
  for (const std::string& key : handover.ticket_keys) keys.push_back(to_hex(key));
  return dump({{"version", handover.version},
               {"state", handover.state_path},
               {"listeners", std::move(listeners)},
               {"admin_bind", handover.admin_bind},
               {"admin_socket", handover.admin_socket},
               {"endpoints", std::move(endpoints)},
               {"ticket_keys", std::move(keys)}});
}

// What a later version adds is passed over; what an earlier one does not say has its default.
Result<Handover> parse_handover(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    Handover handover;
    handover.version = json.value("version", "");
    handover.state_path = json.at("state").get<std::string>();
    handover.admin_bind = json.value("admin_bind", "");
    handover.admin_socket = json.value("admin_socket", "");
    for (const Json& one : json.at("listeners")) {
      handover.listeners.push_back({one.at("name").get<std::string>(),
                                    one.at("bind").get<std::string>(),
                                    whole<std::uint32_t>(one.at("fds"))});
    }
    for (const Json& one : json.at("endpoints")) {
      EndpointMemory memory;
      memory.group = one.at("group").get<std::string>();
      memory.address = one.at("address").get<std::string>();
      memory.instance = one.value("instance", false);
      memory.healthy = one.value("healthy", false);
      memory.draining = one.value("draining", false);
      memory.in_flight = whole_or(one, "in_flight", 0u);
      memory.in_service_since = whole_or(one, "in_service_since", std::int64_t{0});
      memory.ejected_until = whole_or(one, "ejected_until", std::int64_t{0});
      memory.latency = one.value("latency", 0.0);
      memory.latency_stamp = whole_or(one, "latency_stamp", std::int64_t{0});
      handover.endpoints.push_back(std::move(memory));
    }
    for (const Json& one : json.value("ticket_keys", Json::array())) {
      handover.ticket_keys.push_back(from_hex(one.get<std::string>()));
    }
    return handover;
  } catch (const Json::exception&) {
    return tl::unexpected(unreadable());
  } catch (const NotWhole&) {
    return tl::unexpected(unreadable());
  }
}

std::string load_line(const std::vector<EndpointMemory>& endpoints) {
  Json json = Json::array();
  for (const EndpointMemory& one : endpoints) {
    if (one.in_flight > 0) json.push_back({one.group, one.address, one.in_flight});
  }
  return dump(json);
}

Result<std::vector<EndpointMemory>> parse_load(const std::string& line) {
  try {
    std::vector<EndpointMemory> result;
    for (const Json& one : Json::parse(line)) {
      EndpointMemory memory;
      memory.group = one.at(0).get<std::string>();
      memory.address = one.at(1).get<std::string>();
      memory.in_flight = whole<std::uint32_t>(one.at(2));
      result.push_back(std::move(memory));
    }
    return result;
  } catch (const Json::exception&) {
    return tl::unexpected(unreadable());
  } catch (const NotWhole&) {
    return tl::unexpected(unreadable());
  }
}

}  // namespace weir::control
