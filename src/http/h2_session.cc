#include "http/h2_session.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"

namespace weir::http {
namespace {

constexpr std::size_t kWrite = 64 * 1024;  // of one write, about
constexpr Duration kStuck = 60s;           // the peer takes nothing at all
constexpr int kFirstUnknown = 0x0a;        // frame type; those before are of RFC 9113

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

H2Stream* stream_of(nghttp2_session* session, std::int32_t id) {
  return static_cast<H2Stream*>(nghttp2_session_get_stream_user_data(session, id));
}

}  // namespace

// The sessions of this thread with something to send, flushed together at the end of the turn.
class FlushList {
 public:
  static FlushList& mine() {
    thread_local FlushList list;
    return list;
  }
  void add(H2Session& session) {
    if (sessions_.empty() || reactor_ != &session.reactor()) {
      reactor_ = &session.reactor();
      reactor_->defer([] { mine().run(); });
    }
    sessions_.push_back(&session);
  }
  void remove(H2Session& session) {
    std::erase(sessions_, &session);
    std::replace(running_.begin(), running_.end(), &session, static_cast<H2Session*>(nullptr));
  }

 private:
  void run() {
    // By index: a flush may add sessions, which go in the next turn.
    running_.swap(sessions_);
    for (std::size_t i = 0; i < running_.size(); ++i) {
      H2Session* const session = running_[i];
      if (!session) continue;
      session->listed_ = false;
      if (!session->flushing_) session->writing_.spawn(session->flush());
    }
    running_.clear();
  }
  net::Reactor* reactor_ = nullptr;
  std::vector<H2Session*> sessions_;
  std::vector<H2Session*> running_;
};

// ---------------------------------------------------------------- nghttp2's callbacks

struct H2Session::Calls {
  static H2Session& self(void* user) { return *static_cast<H2Session*>(user); }

  static int begin_headers(nghttp2_session* raw, const nghttp2_frame* frame, void* user) {
    H2Session& session = self(user);
    session.block_since_ = session.reactor_.now();
    H2Stream* stream = stream_of(raw, frame->hd.stream_id);
    if (!stream && session.side_ == Side::server && frame->hd.type == NGHTTP2_HEADERS &&
        frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
      stream = session.on_open(frame->hd.stream_id);
      if (!stream) {
        nghttp2_submit_rst_stream(raw, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                  NGHTTP2_REFUSED_STREAM);
        return 0;
      }
      stream->attach(frame->hd.stream_id);
      nghttp2_session_set_stream_user_data(raw, frame->hd.stream_id, stream);
    }
    if (stream) stream->block().clear();
    return 0;
  }

  static int header(nghttp2_session* raw, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                    std::uint8_t, void*) {
    H2Stream* const stream = stream_of(raw, frame->hd.stream_id);
    if (stream) {
      stream->block().add(view(name, name_size), view(value, value_size), stream->head_limits());
    }
    return 0;
  }

  // What nghttp2 would leave out by itself; a proxy refuses it.
  static int invalid_header(nghttp2_session* raw, const nghttp2_frame* frame, const std::uint8_t*,
                            std::size_t, const std::uint8_t*, std::size_t, std::uint8_t, void*) {
    nghttp2_submit_rst_stream(raw, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_PROTOCOL_ERROR);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  // Of a priority, which is ignored, nothing else is heard; nor of a frame of unknown type.
  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
    H2Session& session = self(user);
    const bool unknown = head->type >= kFirstUnknown;
    if (head->type == NGHTTP2_PRIORITY || unknown) session.charge(FloodGuard::kIdleFrame);
    if (head->type == NGHTTP2_PRIORITY) {
      if (head->stream_id == 0) session.fail(NGHTTP2_PROTOCOL_ERROR);
      if (head->length != 5) session.fail(NGHTTP2_FRAME_SIZE_ERROR);
    }
    return session.failed_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }

  // Nothing is made of a frame of unknown type.
  static int unpack_unknown(nghttp2_session*, void**, const nghttp2_frame_hd*, void*) {
    return NGHTTP2_ERR_CANCEL;
  }

  static int frame_recv(nghttp2_session* raw, const nghttp2_frame* frame, void* user) {
    H2Session& session = self(user);
    H2Stream* const stream =
        frame->hd.stream_id > 0 ? stream_of(raw, frame->hd.stream_id) : nullptr;
    const bool end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        session.block_since_ = kNever;
        if (stream) {
          if (end) stream->on_end();
          stream->on_block(end);
        }
        break;
      case NGHTTP2_DATA:
        if (end && stream) stream->on_end();
        if (!end && frame->hd.length <= frame->data.padlen) {
          session.charge(FloodGuard::kIdleFrame);  // nothing, or padding alone
        }
        break;
      case NGHTTP2_RST_STREAM:
        session.charge(FloodGuard::kReset);
        break;
      case NGHTTP2_PING:
        session.charge(FloodGuard::kIdleFrame);
        if (frame->hd.flags & NGHTTP2_FLAG_ACK) session.on_ping_ack();
        break;
      case NGHTTP2_SETTINGS:
        session.charge(FloodGuard::kIdleFrame);
        if (!(frame->hd.flags & NGHTTP2_FLAG_ACK)) session.on_settings();
        break;
      case NGHTTP2_GOAWAY:
        session.charge(FloodGuard::kIdleFrame);
        session.on_goaway();
        break;
      case NGHTTP2_WINDOW_UPDATE:
        session.charge(FloodGuard::kIdleFrame);
        break;
      default:
        break;
    }
    return session.failed_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;  // reads no further
  }

  static int data_chunk(nghttp2_session* raw, std::uint8_t, std::int32_t id,
                        const std::uint8_t* bytes, std::size_t size, void* user) {
    H2Session& session = self(user);
    if (H2Stream* const stream = stream_of(raw, id)) {
      stream->on_data(view(bytes, size));
      session.guard_.refund(0.5);
    } else {
      session.consumed(-1, size);
    }
    return 0;
  }

  static int stream_close(nghttp2_session* raw, std::int32_t id, std::uint32_t code, void*) {
    if (H2Stream* const stream = stream_of(raw, id)) stream->on_close(code);
    return 0;
  }

  static int frame_send(nghttp2_session* raw, const nghttp2_frame* frame, void* user) {
    H2Session& session = self(user);
    if (frame->hd.type == NGHTTP2_RST_STREAM) {
      const std::uint32_t code = frame->rst_stream.error_code;
      const bool ours = code == NGHTTP2_NO_ERROR || code == NGHTTP2_CANCEL ||
                        code == NGHTTP2_INTERNAL_ERROR || session.side_ == Side::client;
      const bool refused = code == NGHTTP2_REFUSED_STREAM;  // perhaps it did not know the limit
      if (!ours) session.charge(refused ? FloodGuard::kReset : FloodGuard::kFault);
      return 0;
    }
    if (frame->hd.type == NGHTTP2_GOAWAY) session.on_sent_goaway();
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    session.guard_.refund(2);
    H2Stream* const stream = stream_of(raw, frame->hd.stream_id);
    if (!stream) return 0;
    if (frame->hd.type == NGHTTP2_HEADERS) stream->on_sent_head();
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) stream->on_sent_end();
    return 0;
  }

  static int send_data(nghttp2_session* raw, nghttp2_frame* frame, const std::uint8_t* head,
                       std::size_t size, nghttp2_data_source*, void* user) {
    H2Session& session = self(user);
    if (session.out_->size() >= kWrite) return NGHTTP2_ERR_WOULDBLOCK;
    H2Stream* const stream = stream_of(raw, frame->hd.stream_id);
    if (!stream) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    session.out_->append(view(head, 9));
    stream->take(*session.out_, size);
    return 0;
  }

  static nghttp2_session_callbacks* make() {
    nghttp2_session_callbacks* calls = nullptr;
    CHECK(nghttp2_session_callbacks_new(&calls) == 0);
    nghttp2_session_callbacks_set_on_begin_headers_callback(calls, &begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(calls, &header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(calls, &invalid_header);
    nghttp2_session_callbacks_set_on_begin_frame_callback(calls, &begin_frame);
    nghttp2_session_callbacks_set_on_frame_recv_callback(calls, &frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, &data_chunk);
    nghttp2_session_callbacks_set_on_stream_close_callback(calls, &stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(calls, &frame_send);
    nghttp2_session_callbacks_set_send_data_callback(calls, &send_data);
    nghttp2_session_callbacks_set_unpack_extension_callback(calls, &unpack_unknown);
    return calls;
  }
};

ssize_t H2Session::on_provide(nghttp2_session* raw, std::int32_t id, std::uint8_t*,
                              std::size_t most, std::uint32_t* flags, nghttp2_data_source*, void*) {
  H2Stream* const stream = stream_of(raw, id);
  if (!stream) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  return stream->provide(most, flags);
}

// ---------------------------------------------------------------- the session

H2Session::H2Session(net::Reactor& reactor, Side side)
    : reactor_(reactor), side_(side), guard_(reactor.now()) {
  static nghttp2_session_callbacks* const calls = Calls::make();
  static nghttp2_option* const options = [] {
    nghttp2_option* made = nullptr;
    CHECK(nghttp2_option_new(&made) == 0);
    nghttp2_option_set_no_auto_window_update(made, 1);
    nghttp2_option_set_no_closed_streams(made, 1);
    // Else nghttp2 would pass over them in silence.
    for (int type = kFirstUnknown; type <= 0xff; ++type) {
      nghttp2_option_set_user_recv_extension_type(made, static_cast<std::uint8_t>(type));
    }
    return made;
  }();
  const int made = side == Side::server
                       ? nghttp2_session_server_new2(&session_, calls, this, options)
                       : nghttp2_session_client_new2(&session_, calls, this, options);
  CHECK(made == 0);
}

H2Session::~H2Session() {
  DCHECK(!first_);
  if (listed_) FlushList::mine().remove(*this);
  nghttp2_session_del(session_);
}

void H2Session::enlist(H2Stream& stream) {
  stream.next_ = first_;
  if (first_) first_->previous_ = &stream;
  first_ = &stream;
}

void H2Session::strike(H2Stream& stream) {
  (stream.previous_ ? stream.previous_->next_ : first_) = stream.next_;
  if (stream.next_) stream.next_->previous_ = stream.previous_;
}

void H2Session::open(net::Owned<net::Stream> stream, std::uint32_t max_streams,
                     std::uint32_t window) {
  stream_ = std::move(stream);
  std::vector<nghttp2_settings_entry> settings;
  if (side_ == Side::server) {
    settings.push_back({NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, max_streams});
    settings.push_back({NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1});
    settings.push_back({NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1});
  } else {
    settings.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
  }
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                        static_cast<std::int32_t>(window));
  touch();
}

bool H2Session::feed(std::string_view bytes) {
  const ssize_t taken = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken < 0) {
    const auto code =
        taken == NGHTTP2_ERR_FLOODED ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR;
    nghttp2_session_terminate_session(session_, code);
    failed_ = true;
  }
  touch();
  return !failed_ && nghttp2_session_want_read(session_) != 0;
}

void H2Session::charge(double cost) {
  if (!failed_ && !guard_.charge(cost, reactor_.now())) fail(NGHTTP2_ENHANCE_YOUR_CALM);
}

void H2Session::fail(std::uint32_t code) {
  if (std::exchange(failed_, true)) return;
  nghttp2_session_terminate_session(session_, code);
}

void H2Session::consumed(std::int32_t id, std::size_t size) {
  if (size == 0) return;
  if (id > 0) {
    nghttp2_session_consume(session_, id, size);
  } else {
    nghttp2_session_consume_connection(session_, size);
  }
  touch();
}

void H2Session::touch() {
  if (listed_ || flushing_) return;
  listed_ = true;
  FlushList::mine().add(*this);
}

// Fills `out` with frames. False: the session is broken.
bool H2Session::collect(std::string& out) {
  out_ = &out;
  ssize_t size = 0;
  while (out.size() < kWrite) {
    const std::uint8_t* bytes = nullptr;
    size = nghttp2_session_mem_send(session_, &bytes);
    if (size <= 0) break;
    out.append(view(bytes, static_cast<std::size_t>(size)));
  }
  out_ = nullptr;
  return size >= 0;
}

Task<> H2Session::flush() {
  flushing_ = true;
  while (stream_ && stream_->open()) {
    // The thread's: what the kernel does not take at once is copied by the stream.
    thread_local std::string out;
    out.clear();
    const bool good = collect(out);
    if (!out.empty()) {
      const net::Deadline deadline(reactor_.now() + kStuck);
      const net::Io sent = co_await stream_->write(out, deadline);
      if (sent != net::Io::ok) {
        stream_->abort();
        break;
      }
    } else {
      if (!good) stream_->abort();
      break;
    }
    if (!good) stream_->abort();
  }
  flushing_ = false;
  const bool over = !nghttp2_session_want_read(session_) && !nghttp2_session_want_write(session_);
  if (over && stream_) stream_->cancel();  // who reads it learns that nothing more is wanted
  on_flushed();
}

void H2Session::lose() {
  each([](H2Stream& stream) { stream.on_close(NGHTTP2_CONNECT_ERROR); });
}

Task<> H2Session::close() {
  if (std::exchange(listed_, false)) {
    FlushList::mine().remove(*this);
    if (!flushing_) co_await flush();
  }
  co_await writing_.close();
}

}  // namespace weir::http
