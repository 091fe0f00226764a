#include "http/h2_stream.h"

#include <algorithm>

#include "base/check.h"
#include "http/h2_session.h"

namespace weir::http {
namespace {

constexpr std::size_t kRoom = 16 * 1024;  // who waits to write goes on below

}  // namespace

H2Stream::H2Stream(H2Session& session)
    : session_(session), readable_(session.reactor()), writable_(session.reactor()) {
  session_.enlist(*this);
}

H2Stream::~H2Stream() {
  if (id_ > 0) nghttp2_session_set_stream_user_data(session_.raw(), id_, nullptr);
  session_.consumed(closed_ ? -1 : id_, in_.size());
  session_.strike(*this);
}

// ---------------------------------------------------------------- what comes

void H2Stream::on_data(std::string_view bytes) {
  in_.append(bytes);
  readable_.set();
}

void H2Stream::on_end() {
  in_end_ = true;
  readable_.set();
}

void H2Stream::on_close(std::uint32_t code) {
  if (closed_) return;
  closed_ = true;
  code_ = code;
  readable_.set();
  writable_.set();
  if (!in_end_ || !sent_end_) closed_early();
}

Piece H2Stream::pull_now() {
  given_.clear();
  given_.swap(in_);
  session_.consumed(closed_ ? -1 : id_, given_.size());
  return Piece{net::Io::ok, given_, in_end_};
}

Task<Piece> H2Stream::pull(net::Deadline deadline) {
  if (!in_.empty() || in_end_) return pull_now();
  return pull_later(deadline);
}

Task<Piece> H2Stream::pull_later(net::Deadline deadline) {
  while (in_.empty() && !in_end_) {
    if (closed_) co_return Piece{net::Io::reset};
    const net::Io woken = co_await readable_.wait(deadline);
    if (woken != net::Io::ok) co_return Piece{woken};
  }
  co_return pull_now();
}

// ---------------------------------------------------------------- what goes

nghttp2_data_provider H2Stream::provider() {
  nghttp2_data_provider provider{};
  provider.read_callback = &H2Session::on_provide;
  return provider;
}

void H2Stream::resume() {
  if (std::exchange(deferred_, false)) nghttp2_session_resume_data(session_.raw(), id_);
  session_.touch();
}

Task<net::Io> H2Stream::push(std::string_view piece, bool last, net::Deadline deadline) {
  if (closed_) return net::Io::reset;
  DCHECK(!out_end_);
  if (out_at_ > 0) {
    out_.erase(0, out_at_);
    out_at_ = 0;
  }
  out_.append(piece);
  out_end_ = last;
  resume();
  if (queued() <= kQueue || last) return net::Io::ok;
  return room(deadline);
}

Task<net::Io> H2Stream::room(net::Deadline deadline) {
  while (queued() > kRoom && !closed_) {
    push_waits_ = true;
    const net::Io woken = co_await writable_.wait(deadline);
    push_waits_ = false;
    if (woken != net::Io::ok) co_return woken;
  }
  co_return closed_ ? net::Io::reset : net::Io::ok;
}

void H2Stream::push_trailers(const Fields& trailers) {
  if (closed_) return;
  for (const HeaderView& field : trailers.list) {
    trailers_out_.emplace_back(field.name, field.value);
  }
  out_end_ = true;
  resume();
}

ssize_t H2Stream::provide(std::size_t most, std::uint32_t* flags) {
  const std::size_t size = std::min(most, queued());
  if (size == 0 && !out_end_) {
    deferred_ = true;
    writable_.set();
    return NGHTTP2_ERR_DEFERRED;
  }
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (!out_end_ || size < queued()) return static_cast<ssize_t>(size);
  *flags |= NGHTTP2_DATA_FLAG_EOF;
  if (!trailers_out_.empty()) {
    *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    FieldList& list = FieldList::make();
    for (const auto& [name, value] : trailers_out_) list.add(name, value);
    nghttp2_submit_trailer(session_.raw(), id_, list.data(), list.size());
  }
  return static_cast<ssize_t>(size);
}

void H2Stream::take(std::string& out, std::size_t size) {
  out.append(out_, out_at_, size);
  out_at_ += size;
  if (out_at_ == out_.size()) {
    out_.clear();
    out_at_ = 0;
  }
  if (push_waits_ && queued() <= kRoom) writable_.set();
}

void H2Stream::on_sent_end() {
  sent_end_ = true;
  writable_.set();
}

Task<net::Io> H2Stream::sent(net::Deadline deadline) {
  while (!sent_end_ && !closed_) {
    const net::Io woken = co_await writable_.wait(deadline);
    if (woken != net::Io::ok) co_return woken;
  }
  co_return sent_end_ ? net::Io::ok : net::Io::reset;
}

Task<net::Io> H2Stream::drained(net::Deadline deadline) {
  while (!closed_ && !(deferred_ && queued() == 0)) {
    const net::Io woken = co_await writable_.wait(deadline);
    if (woken != net::Io::ok) co_return woken;
  }
  co_return net::Io::ok;
}

void H2Stream::reset(std::uint32_t code) {
  if (closed_ || id_ < 0) return;
  nghttp2_submit_rst_stream(session_.raw(), NGHTTP2_FLAG_NONE, id_, code);
  session_.touch();
}

// ---------------------------------------------------------------- tunnels

Task<net::Read> H2Pipe::read(net::Deadline deadline) {
  if (ended_) co_return net::Read{net::Io::eof};
  const Piece piece = co_await stream_.pull(deadline);
  if (piece.status != net::Io::ok) co_return net::Read{piece.status};
  ended_ = piece.last;
  if (piece.bytes.empty()) co_return net::Read{net::Io::eof};
  const std::span<char> bytes(const_cast<char*>(piece.bytes.data()), piece.bytes.size());
  co_return net::Read{net::Io::ok, bytes};
}

Task<net::Io> H2Pipe::write(std::string_view bytes, net::Deadline deadline) {
  return stream_.push(bytes, false, deadline);
}

void H2Pipe::shutdown_write() {
  if (stream_.closed() || stream_.out_end_) return;
  stream_.out_end_ = true;
  stream_.resume();
}

}  // namespace weir::http
