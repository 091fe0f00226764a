// H2Stream: the bytes of one stream of an HTTP/2 connection, both ways, between the callbacks of
// nghttp2 and the coroutine that serves the request.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/exchange.h"
#include "http/h2_fields.h"
#include "http/pipe.h"
#include "net/reactor.h"

namespace weir::http {

class H2Session;

// Lives on one reactor, not longer than its session. What has come and is not taken is bounded by
// the window, which opens only as it is taken; what is to go, by kQueue and one piece.
class H2Stream {
 public:
  static constexpr std::size_t kQueue = 64 * 1024;

  explicit H2Stream(H2Session& session);
  H2Stream(const H2Stream&) = delete;
  H2Stream& operator=(const H2Stream&) = delete;
  virtual ~H2Stream();

  // ---- for the session
  void attach(std::int32_t id) { id_ = id; }
  FieldBlock& block() { return block_; }
  virtual const HeadLimits& head_limits() const = 0;
  // A block of fields is complete. `end`: and the message with it.
  virtual void on_block(bool end) = 0;
  void on_data(std::string_view bytes);
  void on_end();
  virtual void on_sent_head() {}
  void on_sent_end();
  // The stream is closed, or its connection is lost: nothing more comes or goes.
  void on_close(std::uint32_t code);
  // What nghttp2 asks for: how much may go now, and then those bytes.
  ssize_t provide(std::size_t most, std::uint32_t* flags);
  void take(std::string& out, std::size_t size);

  std::int32_t id() const { return id_; }
  bool closed() const { return closed_; }
  std::uint32_t code() const { return code_; }  // once closed
  bool came_whole() const { return in_end_; }
  bool out_ended() const { return out_end_; }

 protected:
  virtual void closed_early() {}  // before both sides had ended

  // The next piece of what comes; `last` with the last one. Io::reset when the stream is closed.
  Task<Piece> pull(net::Deadline deadline);
  // What is there already; nothing is not an end.
  Piece pull_now();
  // Io::ok once it is in the queue and there is room for more.
  Task<net::Io> push(std::string_view piece, bool last, net::Deadline deadline);
  // Ends with trailers.
  void push_trailers(const Fields& trailers);
  // Waits until the end is out, or the stream closed.
  Task<net::Io> sent(net::Deadline deadline);
  // Waits until what is in the queue is out, or the stream closed.
  Task<net::Io> drained(net::Deadline deadline);
  void reset(std::uint32_t code);
  nghttp2_data_provider provider();
  void wake_reader() { readable_.set(); }
  net::Signal::Wait readable(net::Deadline deadline) { return readable_.wait(deadline); }

  H2Session& session_;

 private:
  friend class H2Session;
  friend class H2Pipe;
  Task<Piece> pull_later(net::Deadline deadline);
  Task<net::Io> room(net::Deadline deadline);
  std::size_t queued() const { return out_.size() - out_at_; }
  void resume();

  H2Stream* next_ = nullptr;  // of the session's list
  H2Stream* previous_ = nullptr;
  std::int32_t id_ = -1;
  FieldBlock block_;
  std::string in_;     // come, not taken
  std::string given_;  // the piece that was taken last
  std::string out_;
  std::size_t out_at_ = 0;
  std::vector<std::pair<std::string, std::string>> trailers_out_;
  net::Signal readable_;
  net::Signal writable_;
  std::uint32_t code_ = 0;
  bool in_end_ = false;
  bool out_end_ = false;   // nothing follows what is in out_
  bool sent_end_ = false;  // END_STREAM has gone out
  bool deferred_ = false;  // nghttp2 waits for us
  bool closed_ = false;
  bool push_waits_ = false;
};

// After an extended CONNECT.
class H2Pipe final : public Pipe {
 public:
  explicit H2Pipe(H2Stream& stream) : stream_(stream) {}
  Task<net::Read> read(net::Deadline deadline) override;
  Task<net::Io> write(std::string_view bytes, net::Deadline deadline) override;
  void shutdown_write() override;

 private:
  H2Stream& stream_;
  bool ended_ = false;
};

}  // namespace weir::http
