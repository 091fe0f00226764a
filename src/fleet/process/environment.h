// What a child sees of weir: its variables, and ${WEIR_PORT}, ${WEIR_INSTANCE} in its command.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/process/account.h"
#include "model/desired.h"

namespace weir::fleet {

inline constexpr std::string_view kInstanceVariable = "WEIR_INSTANCE";
inline constexpr std::string_view kStoreVariable = "WEIR_STORE";
inline constexpr std::string_view kPortVariable = "WEIR_PORT";

struct Given {
  std::string instance;
  std::string store;
  std::uint16_t port = 0;
  std::vector<std::string> devices;  // CUDA_VISIBLE_DEVICES; left alone if there are none
};

// Replaces ${WEIR_PORT} and ${WEIR_INSTANCE}; all else stays as it is.
std::string expand(std::string_view text, const Given& given);
std::vector<std::string> expand(const std::vector<std::string>& texts, const Given& given);

// NAME=value. Stronger first: what is given; the launch's own; the account's HOME, USER, LOGNAME,
// SHELL; `inherited` without what is meant for weir alone (WEIR_*, LISTEN_*, NOTIFY_SOCKET, ...).
std::vector<std::string> make_environment(const Launch& launch, const Given& given,
                                          const Account* account,
                                          const std::vector<std::string>& inherited);

// Weir's own environment.
std::vector<std::string> own_environment();
// A variable that no child is to see: WEIR_*, and what a service manager tells weir.
bool meant_for_weir(std::string_view name);

}  // namespace weir::fleet
