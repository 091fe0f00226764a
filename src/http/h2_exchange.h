// H2Exchange: an Exchange over a stream of HTTP/2. Part of H2Server.
#pragma once

#include <optional>

#include "http/exchange.h"
#include "http/h2_server.h"
#include "http/h2_stream.h"

namespace weir::http {

class H2Exchange final : public Exchange, public H2Stream {
 public:
  explicit H2Exchange(H2Server& server);
  ~H2Exchange() override;

  const net::Codec* codec() const override;
  bool body_arrived() const override { return came_whole() || !has_body_; }
  Task<Piece> read_body(net::Interrupt& stop) override;
  const Fields* trailers() const override { return trailers_.list.empty() ? nullptr : &trailers_; }
  Task<net::Io> start(Reply reply, std::string_view piece, bool last) override;
  Task<net::Io> write(std::string_view piece, bool last) override;
  Task<net::Io> finish(const Fields& trailers) override;
  Task<net::Io> interim(const Reply& reply) override;
  void abort() override { aborted_ = true; }
  net::Stream* tunnel(std::string&) override { return nullptr; }
  Pipe* pipe() override;

  // ---- for the server
  const HeadLimits& head_limits() const override { return limits_; }
  void on_block(bool end) override;
  // The request could not be read; to be answered with this.
  const Parsed& refusal() const { return refusal_; }
  // After the handler: sees the answer out, or breaks the stream off.
  Task<> settle();

 private:
  void closed_early() override;
  Task<net::Io> start_grpc_error(Reply reply, std::string_view text);
  net::Deadline write_deadline() const;
  Piece broken(std::uint16_t status, const char* reason);

  H2Server& server_;
  HeadLimits limits_;
  RequestHead request_;
  std::string head_text_;  // what request_ views
  Fields trailers_;
  std::string trailer_text_;
  Parsed refusal_;
  std::optional<H2Pipe> pipe_;
  const char* wrong_ = nullptr;
  bool head_done_ = false;
  bool has_body_ = false;
  bool grpc_ = false;
  bool first_given_ = false;
  bool continued_ = false;
  bool bodiless_ = false;
  bool aborted_ = false;
};

}  // namespace weir::http
