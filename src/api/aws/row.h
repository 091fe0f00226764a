// row(): a typed operation as generic code calls it. Included by the generated rows_<service>.cc
// only.
#pragma once

#include <string_view>

#include "api/aws/registry.h"

namespace weir::amazon {

template <class In, class Out>
using Typed = Task<aws::Reply<Out>> (*)(Context&, const In&);

template <class In, class Out, Typed<In, Out> function>
Task<aws::Reply<aws::Value>> call(Context& context, const aws::Value& given) {
  In input;
  if constexpr (requires { type_of(&input); }) fill(type_of(&input), given, &input);
  const aws::Reply<Out> output = co_await function(context, input);
  if (!output) co_return tl::unexpected(output.error());
  if constexpr (requires { type_of(&*output); }) {
    co_return value_of(type_of(&*output), &*output);
  } else {
    co_return aws::Value(aws::Structure{});
  }
}

template <class In, class Out, Typed<In, Out> function>
constexpr Row row(std::string_view name) {
  return {name, &call<In, Out, function>};
}

}  // namespace weir::amazon
