// Descriptors handed to another process over a Unix stream socket (SCM_RIGHTS).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/fd.h"

namespace weir::net {

// As many as one message may carry.
inline constexpr std::size_t kMostPassed = 200;

// One message: the byte F and at most kMostPassed descriptors, which stay open here. False when
// the socket takes nothing now; try again.
Result<bool> pass_fds(int socket, std::span<const int> fds);

// What one recvmsg gives: its bytes, "" at the end, and the descriptors that came with them,
// close-on-exec, appended.
Result<std::string> receive_with_fds(int socket, std::vector<Fd>& fds);

}  // namespace weir::net
