#include "aws/wire.h"

namespace weir::aws {

const std::string* WireRequest::header(std::string_view name) const {
  for (const Header& one : headers) {
    if (one.name == name) return &one.value;
  }
  return nullptr;
}

}  // namespace weir::aws
