// modelc: service models (JSON) to C++: constant tables and typed structs.
#pragma once

#include <string>
#include <string_view>

#include "aws/model.h"

namespace weir::modelc {

// application-autoscaling: application_autoscaling
std::string name_space(std::string_view service);

// aws/models/<service>.h: the structs that operations use, an alias for the input and output of
// each (CreateRuleInput, CreateRuleOutput), type_of() for these, and service().
std::string header(const aws::Model& model);

// The shapes, members and operations as constant data.
std::string tables(const aws::Model& model);

// The Type of each struct.
std::string types(const aws::Model& model);

// "a string" as C++ writes it, raw.
std::string literal(std::string_view text);

// How a member is held: its C++ type and its Form.
struct Held {
  std::string type;
  std::string form;
  const aws::Shape* structure = nullptr;  // that it is made of
};
Held held(const aws::Model& model, const aws::Member& member);

// The structs of a model, each after those that it is made of.
std::vector<const aws::Shape*> ordered_structs(const aws::Model& model);

}  // namespace weir::modelc
