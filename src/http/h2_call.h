// H2Call: one request to an endpoint and its response, as a stream of a shared connection.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/local.h"
#include "http/call.h"
#include "http/h2_client.h"
#include "http/h2_stream.h"

namespace weir::http {

// What a call keeps longest: its stream is struck off the connection's list at its very end.
struct H2Hold {
  Local<H2Client> client_;
};

// Lives on one worker. Its end, when the stream goes on, cancels it at the endpoint.
class H2Call final : private H2Hold, public Call, public H2Stream {
 public:
  H2Call(Local<H2Client> client, HeadLimits limits);
  ~H2Call() override;

  // Waits until the connection is there, or is known not to come.
  Task<Secured> connected(net::Deadline deadline);

  Task<net::Io> start(const RequestHead& request, const Forwarded& forwarded, std::string_view body,
                      bool last, net::Deadline deadline) override;
  // A request of weir's own.
  Task<net::Io> start_own(FieldList& fields, std::string_view body, net::Deadline deadline);
  Task<net::Io> write(std::string_view piece, bool last, net::Deadline deadline) override;
  Task<net::Io> finish(const Fields& trailers, net::Deadline deadline) override;
  Task<Answer> read_head(net::Deadline deadline) override;
  Task<Piece> read_body(net::Deadline deadline) override;
  bool untouched() const override;
  net::Stream* tunnel(std::string&) override { return nullptr; }
  Pipe* pipe() override;
  const H2Client& client() const { return *client_; }

  // ---- for the session
  const HeadLimits& head_limits() const override { return limits_; }
  void on_block(bool end) override;
  void on_sent_head() override { head_sent_ = true; }
  void wake() { wake_reader(); }

 private:
  Task<net::Io> start_tunnel(const RequestHead& request, const Forwarded& forwarded,
                             net::Deadline deadline);
  Task<net::Io> submit(const RequestHead& request, const Forwarded& forwarded,
                       std::string_view body, bool last, net::Deadline deadline);
  struct Head {
    std::string text;
    bool end;
  };
  Answer answer(Head come);

  HeadLimits limits_;
  ResponseHead head_;
  std::string head_text_;    // what head_ views
  std::vector<Head> heads_;  // come, not read
  std::string trailer_text_;
  std::optional<H2Pipe> pipe_;
  const char* wrong_ = nullptr;
  bool to_head_ = false;
  bool upgrade_ = false;
  bool final_come_ = false;
  bool head_sent_ = false;
};

}  // namespace weir::http
