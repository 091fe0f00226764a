// The services that we know and the operations that are built. Any thread; constant data.
//
// Rows come from <service>/operations.def, members that are refused from <service>/refused.def.
#pragma once

#include <span>
#include <string_view>

#include "api/aws/context.h"
#include "aws/fault.h"
#include "aws/type.h"
#include "aws/validate.h"
#include "base/task.h"

namespace weir::amazon {

struct Row {
  std::string_view name;
  Task<aws::Reply<aws::Value>> (*call)(Context&, const aws::Value& input);
};

struct ServiceRows {
  const aws::Service& (*service)();
  std::span<const Row> rows;
  std::span<const aws::Refused> refused;

  // Null: in the model, but not built.
  const Row* find(std::string_view operation) const;
};

std::span<const ServiceRows> registry();
// Those of the registry, as find_target() takes them.
std::span<const aws::Service* const> services();
const ServiceRows* rows_of(const aws::Service& service);

}  // namespace weir::amazon
