// Fault: why a call was refused, in AWS's words.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "aws/value.h"

namespace weir::aws {

struct Fault {
  // The code is the one on the wire (LoadBalancerNotFound) or the name of the model's shape
  // (LoadBalancerNotFoundException): both mean the same where the model knows them.
  Fault(std::string c, std::string m, int s = 0)
      : code(std::move(c)), message(std::move(m)), status(s) {}

  // A further member of the error's shape, by the name in the model (OriginalStatusCode).
  Fault with(std::string member, Value value) && {
    members.emplace_back(std::move(member), std::move(value));
    return std::move(*this);
  }

  std::string code;
  std::string message;
  int status;  // of HTTP; 0: as the model says, or else 400
  std::vector<std::pair<std::string, Value>> members{};
};

// What an operation gives: its output, or why not.
template <class T>
using Reply = tl::expected<T, Fault>;

inline tl::unexpected<Fault> refuse(std::string code, std::string message, int status = 0) {
  return tl::unexpected<Fault>(Fault(std::move(code), std::move(message), status));
}

}  // namespace weir::aws
