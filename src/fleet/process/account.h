// Account: whom an instance runs as.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace weir::fleet {

struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  std::string name;
  std::string home;
  std::string shell;
};

// By name or number. Code::not_found: there is none; Code::denied: weir may not become it.
Result<Account> find_account(const std::string& user);

}  // namespace weir::fleet
