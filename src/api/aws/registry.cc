#include "api/aws/registry.h"

#include <vector>

namespace weir::amazon {

#define SERVICE(name)             \
  namespace name {                \
  extern const ServiceRows kRows; \
  }
#include "aws/models/services.def"
#undef SERVICE

std::span<const ServiceRows> registry() {
  static const std::vector<ServiceRows> all = {
#define SERVICE(name) name::kRows,
#include "aws/models/services.def"
#undef SERVICE
  };
  return all;
}

std::span<const aws::Service* const> services() {
  static const std::vector<const aws::Service*> all = [] {
    std::vector<const aws::Service*> made;
    for (const ServiceRows& rows : registry()) made.push_back(&rows.service());
    return made;
  }();
  return all;
}

const ServiceRows* rows_of(const aws::Service& service) {
  for (const ServiceRows& rows : registry()) {
    if (&rows.service() == &service) return &rows;
  }
  return nullptr;
}

const Row* ServiceRows::find(std::string_view operation) const {
  for (const Row& row : rows) {
    if (row.name == operation) return &row;
  }
  return nullptr;
}

}  // namespace weir::amazon
