// Where: which running weir a command talks to, as its arguments say.
#pragma once

#include <string>

namespace weir::cli {

struct Where {
  std::string socket;      // --socket
  std::string address;     // --address: http://host:port
  std::string token_file;  // --token-file
};

}  // namespace weir::cli
