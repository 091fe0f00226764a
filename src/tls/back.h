// Back: TLS towards the endpoints of one target group: whom to trust, what to show. Any thread.
#pragma once

#include <memory>
#include <string>

#include "model/desired_tls.h"
#include "model/snapshot.h"
#include "tls/codec.h"
#include "tls/kept.h"

namespace weir::tls {

class Back final : public Kept {
 public:
  // `name` of the target group. Blocks: reads files.
  static Read<std::shared_ptr<Back>> make(const std::string& name, const EndpointTls& options);

  // A client's codec for `stream`, which is to own it. Null when there is no memory for it.
  // `last`: the session with this endpoint, of this thread; may be null. `protocol`: asked for by
  // ALPN, or ""; the endpoint may leave it out, or agree to none.
  std::unique_ptr<Codec> codec(net::Stream& stream, const Endpoint& endpoint,
                               Local<LastSession> last,
                               std::string_view protocol = "http/1.1") const;

 private:
  Back(std::string what, std::vector<std::string> files, EndpointTls options)
      : Kept(std::move(what), std::move(files)), options_(std::move(options)) {}
  EndpointTls options_;
};

}  // namespace weir::tls
