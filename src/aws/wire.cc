#include "aws/wire.h"

namespace weir::aws {

const std::string* WireRequest::header(std::string_view name) const {
  for (const Header& one : headers) {
    if (one.name == name) return &one.value;
  }
  return nullptr;
}

std::string_view form_of(const WireRequest& request, std::string_view body) {
  return request.method == "GET" || body.empty() ? std::string_view(request.query) : body;
}

}  // namespace weir::aws
