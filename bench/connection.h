// Connection: one keep-alive connection of the load generator, one request at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bench/loop.h"
#include "bench/response_reader.h"
#include "bench/socket.h"
#include "bench/tls_client.h"

namespace weir::bench {

class Connection final : public Ready {
 public:
  // Who uses the connection. From any of these calls it may send the next request.
  class User {
   public:
    virtual ~User() = default;
    virtual void on_open(Connection&) = 0;
    virtual void on_body(Connection&, std::string_view piece) = 0;
    virtual void on_answer(Connection&, int status) = 0;
    // It is closed, and `why` is a constant phrase. open() is not for this call, but for later.
    virtual void on_broken(Connection&, std::string_view why) = 0;
  };

  // `index` is the user's, to find what belongs to the connection. `tls`: null in the clear.
  Connection(Loop& loop, User& user, std::uint16_t port, std::size_t index,
             TlsClient* tls = nullptr);

  void open();
  void close();
  // `request` must live until the answer is there.
  void send(std::string_view request);
  std::size_t index() const { return index_; }

  void on_ready(std::uint32_t events) override;

 private:
  bool greet();
  void send_rest();
  void read(bool ends);
  void take(std::string_view bytes);
  void broken(std::string_view why);

  Loop& loop_;
  User& user_;
  const std::uint16_t port_;
  const std::size_t index_;
  TlsClient* const tls_;
  Fd socket_;
  std::optional<TlsChannel> channel_;
  bool up_ = false;
  bool waiting_ = false;  // for an answer
  std::string_view unsent_;
  ResponseReader reader_;
};

}  // namespace weir::bench
