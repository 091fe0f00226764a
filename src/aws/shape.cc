#include "aws/shape.h"

#include <algorithm>

namespace weir::aws {

int Shape::find(std::string_view member) const {
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i].name == member) return static_cast<int>(i);
  }
  return -1;
}

bool Service::speaks(Protocol protocol) const {
  return std::find(protocols.begin(), protocols.end(), protocol) != protocols.end();
}

const Operation* Service::find(std::string_view wanted) const {
  for (const Operation& operation : operations) {
    if (operation.name == wanted) return &operation;
  }
  return nullptr;
}

const Shape* Service::find_error(std::string_view code) const {
  for (const Shape* error : errors) {
    if (error->error.code == code) return error;
  }
  for (const Shape* error : errors) {
    if (error->name == code) return error;
  }
  return nullptr;
}

}  // namespace weir::aws
