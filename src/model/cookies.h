// Cookies: reads Cookie and Set-Cookie headers, writes Set-Cookie (RFC 6265). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace weir {

struct CookieView {
  std::string_view name;
  std::string_view value;  // without surrounding white space; quotes are part of it
};

// Takes the next name=value off the front of a Cookie header. What has no '=' or no name is passed
// over. Nothing at the end.
std::optional<CookieView> next_cookie(std::string_view& header);

// The name that a Set-Cookie header sets; "" where it is malformed.
std::string_view set_cookie_name(std::string_view header);

// May stand in a cookie's name (a token, RFC 9110 section 5.6.2).
bool is_cookie_name(std::string_view text);

enum class CrossSite : bool { no, yes };

// The value of a Set-Cookie header for the whole site, out of reach of scripts. Cross-site ones are
// sent by browsers on secure connections alone.
std::string write_set_cookie(std::string_view name, std::string_view value, Duration lifetime,
                             CrossSite cross_site);

}  // namespace weir
