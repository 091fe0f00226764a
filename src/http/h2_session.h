// H2Session: one HTTP/2 connection, of either side: nghttp2 between a stream of bytes and
// H2Streams. nghttp2 itself is seen in the h2_ files alone.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/scope.h"
#include "base/task.h"
#include "http/h2_flood.h"
#include "http/h2_stream.h"
#include "net/stream.h"

namespace weir::http {

// Lives on one reactor. What is to be sent leaves once a turn of the loop, all streams' frames in
// one write; while the kernel takes nothing, nothing is made.
class H2Session {
 public:
  enum class Side : std::uint8_t { server, client };

  H2Session(const H2Session&) = delete;
  H2Session& operator=(const H2Session&) = delete;
  virtual ~H2Session();

  net::Reactor& reactor() const { return reactor_; }
  nghttp2_session* raw() const { return session_; }
  // There may be frames to send: they go at the end of this turn.
  void touch();
  // Bytes of bodies were taken: the windows may open. `id` < 0: the connection's alone.
  void consumed(std::int32_t id, std::size_t size);
  void enlist(H2Stream& stream);
  void strike(H2Stream& stream);
  static ssize_t on_provide(nghttp2_session*, std::int32_t id, std::uint8_t*, std::size_t most,
                            std::uint32_t* flags, nghttp2_data_source*, void*);

 protected:
  H2Session(net::Reactor& reactor, Side side);
  // At the start, before anything is fed.
  void open(net::Owned<net::Stream> stream, std::uint32_t max_streams, std::uint32_t window);
  // What has arrived. False when the peer broke the rules: the connection is to end.
  bool feed(std::string_view bytes);
  // The connection is over: every stream learns it.
  void lose();
  // Sends what waits, and waits for that.
  Task<> close();
  template <class Visit>
  void each(Visit visit) {
    for (H2Stream* stream = first_; stream;) {
      H2Stream* const next = next_of(*stream);
      visit(*stream);
      stream = next;
    }
  }
  // A block of fields has begun and is not complete, since then; kNever without.
  Time block_since() const { return block_since_; }
  // Something came in the way of the peer's own work.
  void charge(double cost);

  // A stream that the peer opens; null refuses it. Server.
  virtual H2Stream* on_open(std::int32_t /*id*/) { return nullptr; }
  virtual void on_settings() {}
  virtual void on_goaway() {}
  virtual void on_sent_goaway() {}
  virtual void on_ping_ack() {}
  // Nothing waits to be sent.
  virtual void on_flushed() {}

  net::Owned<net::Stream> stream_;

 private:
  friend class FlushList;
  static H2Stream* next_of(const H2Stream& stream) { return stream.next_; }
  struct Calls;  // nghttp2's callbacks
  void fail(std::uint32_t code);
  Task<> flush();
  bool collect(std::string& out);

  net::Reactor& reactor_;
  nghttp2_session* session_ = nullptr;
  Side side_;
  FloodGuard guard_;
  Scope writing_;
  H2Stream* first_ = nullptr;
  Time block_since_ = kNever;
  std::string* out_ = nullptr;  // while frames are collected
  bool listed_ = false;         // to be flushed at the end of this turn
  bool flushing_ = false;
  bool failed_ = false;
};

}  // namespace weir::http
