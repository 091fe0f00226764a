// WireRequest, WireResponse: one AWS call as HTTP carries it, free of sockets and of weir.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"

namespace weir::aws {

struct Header {
  std::string name;  // lower case
  std::string value;
};

struct WireRequest {
  std::string method;           // upper case
  std::string path;             // as received: percent-encoded, without the query
  std::string query;            // as received, without '?'
  std::vector<Header> headers;  // in the order received; a name may occur several times
  std::string body;             // as received: still compressed

  // The first of that (lower-case) name; null where there is none.
  const std::string* header(std::string_view name) const;
};

// Where the query forms have their parameters: in the body, or in the query of a GET and of a
// presigned POST, which has no body. `body` is the inflated one.
std::string_view form_of(const WireRequest& request, std::string_view body);

// The rest of a body that is not there at once. Lives on the thread of the call.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // The next piece; empty at the end. An error breaks the connection off.
  virtual Task<Result<std::string>> next() = 0;
};

struct WireResponse {
  int status = 200;
  std::vector<Header> headers{};  // without content-length, date and connection
  std::string body{};
  std::unique_ptr<BodyStream> stream{};  // follows the body, where not null
};

}  // namespace weir::aws
