// desired_forms: the types of keys that are written in more than one way.
#pragma once

#include <string>
#include <vector>

#include "config/type.h"
#include "model/desired.h"

namespace weir {

// The rows forward, redirect and respond over an Action that stands at `offset` of a struct.
std::vector<config::Field> action_fields(std::size_t offset);
// Exactly one of them must be written.
void check_one_action(const config::Cursor& cursor);

// Of a std::optional<std::uint16_t>: a port, or #{port}, which is kept as 0.
const config::Type& redirect_port_type();

// What `algorithm:` may name; balance/algorithms.def holds the same.
const std::vector<std::string>& algorithm_names();

}  // namespace weir
