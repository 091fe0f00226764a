// POST /api/v1/takeover: the connection of a successor, handed to whoever can hand over.
#include <unistd.h>

#include "api/native/router.h"
#include "base/log.h"

namespace weir::api {

Task<Answer> takeover(Context& context, const Ask& ask) {
  // Only a Unix socket can carry descriptors.
  if (!ask.local) co_return error_answer(403, "denied", "this needs the Unix socket of admin");
  if (!context.on_takeover) co_return error_answer(409, "conflict", "this weir cannot hand over");
  Answer answer;
  answer.status = 101;
  answer.tunnel = [&context](net::Fd fd) { context.on_takeover(std::move(fd)); };
  co_return answer;
}

}  // namespace weir::api
