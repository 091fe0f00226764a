// Placeholders: #{protocol}, #{host}, #{port}, #{path} (without its first /) and #{query} stand for
// the request's own, as in AWS; $1 to $9 for what the stars of a pattern took. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/request_view.h"
#include "route/pattern.h"

namespace weir::route {

// Others stay as they are. Without `taken` a $ stands for itself; with it $$ is one.
std::string filled(std::string_view text, const RequestView& request,
                   const Pattern::Taken* taken = nullptr);

std::uint16_t default_port(std::string_view protocol);

}  // namespace weir::route
