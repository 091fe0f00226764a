// Context: what an operation knows of the call that it answers. Lives on the control thread.
#pragma once

#include <memory>
#include <string>

#include "aws/wire.h"
#include "base/clock.h"

namespace weir::amazon {

class World;  // world.h: the AWS resources

struct Tenant {
  std::string account;  // 12 digits
  std::string region;   // of the signature's scope
};

struct Caller {
  std::string access_key;  // AKIA...; empty: anonymous
  std::string arn;         // arn:aws:iam::000000000000:user/NAME
  std::string user_id;
};

struct Context {
  World& world;
  Tenant tenant;
  Caller caller;
  std::string request_id;
  WallTime now;

  // Members of the input that AWS's model does not know: they are ignored, as AWS does. Set by
  // serve().
  std::size_t ignored = 0;
  std::string first_ignored{};

  // The rest of the answer, set by an operation whose output is an event stream.
  std::unique_ptr<aws::BodyStream> stream{};
};

}  // namespace weir::amazon
