// Target-group stickiness: a client stays with the group of a weighted forward that it was sent to
// first, by the cookies AWSALBTG and AWSALBTGCORS.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/siphash.h"
#include "model/desired.h"
#include "model/request_view.h"

namespace weir::route {

inline constexpr std::string_view kGroupCookie = "AWSALBTG";
inline constexpr std::string_view kGroupCookieCrossSite = "AWSALBTGCORS";

// The share that the request's cookie names; null where it has none, or its group takes nothing any
// more.
const Forward::Share* remembered_share(const Forward& forward, const RequestView& request,
                                       const SipKey& key, WallTime now);

// The Set-Cookie values that remember it.
std::array<std::string, 2> group_cookies(const Forward& forward, const std::string& group,
                                         const SipKey& key, WallTime now);

}  // namespace weir::route
