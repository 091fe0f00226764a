// What the REST protocols carry outside of the body: labels of the path, the query, headers, the
// status. Any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "aws/reading.h"
#include "aws/value.h"
#include "aws/wire.h"

namespace weir::aws {

using Labels = std::map<std::string, std::string, std::less<>>;

// Matches a path and query with a template: /a/{Id}/b/{Rest+}?list-type=2. The labels, decoded, or
// nothing where it is another path. A slash at the end counts for nothing, as at AWS.
std::optional<Labels> match_uri(std::string_view uri, std::string_view path,
                                std::string_view query);
// How particular a template is: of two that match, the one with more fixed text is meant.
std::size_t fixed_text(std::string_view uri);

// Fills the members of the structure whose place is not the body.
void read_bindings(const Shape& input, const Labels& labels, const WireRequest& request,
                   Structure& to, Reading& reading);

// The status and the headers of an answer.
void write_bindings(const Shape& output, const Structure& from, WireResponse& to);

}  // namespace weir::aws
