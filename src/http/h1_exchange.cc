#include "http/h1_exchange.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "http/pieces.h"
#include "http/writer.h"

namespace weir::http {

const net::Codec* H1Exchange::codec() const { return server_.stream_->codec(); }

const H1Settings& H1Exchange::settings() const { return server_.handler_.settings(); }

H1Exchange::H1Exchange(H1Server& server, RequestMemory& memory, std::size_t head_length)
    : server_(server), memory_(memory) {
  head_ = &memory.head;
  peer_ = server.peer_;
  keep_alive_ = head_->keep_alive;
  left_ = head_->framing.length;
  const std::span<char> rest(memory.bytes.data() + head_length, memory.bytes.size() - head_length);
  if (head_->framing.kind == Framing::Kind::none) body_done_ = last_given_ = true;
  decode(rest, buffered_);
}

bool H1Exchange::decode(std::span<char> bytes, std::string_view& payload) {
  std::size_t consumed = 0;
  if (body_done_) {
    // All of it belongs to the next request.
  } else if (head_->framing.kind == Framing::Kind::length) {
    consumed = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    left_ -= consumed;
    payload = {bytes.data(), consumed};
    body_done_ = left_ == 0;
  } else {
    const ChunkDecoder::Fed fed = decoder_.feed(bytes);
    payload = {bytes.data(), fed.payload};
    consumed = fed.consumed;
    if (fed.status == ChunkDecoder::Status::bad) {
      wrong_ = fed.reason;
      return false;
    }
    if (fed.status == ChunkDecoder::Status::done) {
      if (!decoder_.trailers().empty()) {
        trailer_bytes_ = decoder_.trailers();
        trailer_bytes_.reserve(trailer_bytes_.size() + net::Reactor::kSlack);
        const HeadLimits limits{settings().limits.head.value, settings().limits.headers};
        const Parsed parsed = parse_trailers(trailer_bytes_, limits, trailers_);
        if (parsed.kind != Parsed::Kind::done) {
          wrong_ = parsed.kind == Parsed::Kind::refused ? parsed.reason : "bad trailers";
          return false;
        }
      }
      body_done_ = true;
    }
  }
  bytes_in_ += payload.size();
  if (const auto limit = settings().limits.body.value; limit && bytes_in_ > limit) {
    wrong_ = "the body is larger than the limit";
    wrong_status_ = 413;
    return false;
  }
  if (consumed < bytes.size()) rest_.assign(bytes.data() + consumed, bytes.size() - consumed);
  return true;
}

Piece H1Exchange::broken(std::uint16_t status, const char* reason) {
  keep_alive_ = false;
  return Piece{net::Io::failed, {}, false, status, reason};
}

Task<Piece> H1Exchange::read_body(net::Interrupt& stop) {
  DCHECK(!last_given_);
  if (wrong_) return broken(wrong_status_, wrong_);
  if (!std::exchange(first_given_, true) || body_done_) {
    last_given_ = body_done_;
    return Piece{net::Io::ok, std::exchange(buffered_, {}), last_given_};
  }
  return read_more(&stop);
}

Task<Piece> H1Exchange::read_more(net::Interrupt* stop) {
  if (head_->expect_continue && !std::exchange(continued_, true) && !started()) {
    const std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const net::Io sent = co_await server_.stream_->write(go_on, write_deadline());
    if (sent != net::Io::ok) co_return Piece{sent};
  }
  while (true) {
    const net::Deadline deadline(
        server_.stream_->reactor().now() + settings().limits.body_idle_time, stop);
    const net::Read got = co_await server_.stream_->read(deadline);
    if (got.status == net::Io::cancelled) co_return Piece{net::Io::cancelled};
    if (got.status == net::Io::timeout) co_return broken(408, "the body did not arrive in time");
    if (got.status != net::Io::ok) {
      gone_.raise();
      keep_alive_ = false;
      co_return Piece{net::Io::cancelled};
    }
    std::string_view payload;
    if (!decode(got.bytes, payload)) co_return broken(wrong_status_, wrong_);
    if (payload.empty() && !body_done_) continue;  // half a chunk size, say
    last_given_ = body_done_;
    co_return Piece{net::Io::ok, payload, last_given_};
  }
}

net::Deadline H1Exchange::write_deadline() {
  const Time until = server_.stream_->reactor().now() + settings().limits.body_idle_time;
  return net::Deadline(until, &gone_);
}

Task<net::Io> H1Exchange::start(Reply reply, std::string_view piece, bool last) {
  bodiless_ = head_->method == "HEAD" || reply.status == 204 || reply.status == 304;
  if (bodiless_ || reply.status == 101) {
    last = true;
    piece = {};
  } else if (reply.framing.kind == Framing::Kind::chunked ||
             reply.framing.kind == Framing::Kind::until_close) {
    chunked_out_ = head_->minor >= 1;
    reply.framing.kind = chunked_out_ ? Framing::Kind::chunked : Framing::Kind::until_close;
    if (!chunked_out_) keep_alive_ = false;
  }
  if (reply.close || !body_done_ || server_.draining_) keep_alive_ = false;
  if (bodiless_) reply.framing.kind = Framing::Kind::none;
  status_ = reply.status;
  bytes_out_ += piece.size();
  ended_ = last && reply.status != 101;

  std::string& out = output();
  write_response(out, reply, head_->minor, keep_alive_);
  if (piece.size() < kCopyBelow) {
    if (chunked_out_ && !piece.empty()) write_chunk_size(out, piece.size());
    out.append(piece);
    if (chunked_out_ && !piece.empty()) out.append(kCrlf);
    if (chunked_out_ && last) out.append(kLastChunk);
    return server_.stream_->write(out, write_deadline());
  }
  if (chunked_out_) write_chunk_size(out, piece.size());
  const iovec pieces[] = {piece_of(out), piece_of(piece), piece_of(chunked_out_ ? kCrlf : ""),
                          piece_of(chunked_out_ && last ? kLastChunk : "")};
  return server_.stream_->write(std::span<const iovec>(pieces), write_deadline());
}

Task<net::Io> H1Exchange::write(std::string_view piece, bool last) {
  ended_ = last;
  if (bodiless_) return net::Io::ok;
  bytes_out_ += piece.size();
  if (!chunked_out_) {
    if (piece.empty()) return net::Io::ok;
    return server_.stream_->write(piece, write_deadline());
  }
  if (piece.empty() && !last) return net::Io::ok;
  std::string& out = output();
  if (!piece.empty()) write_chunk_size(out, piece.size());
  if (piece.size() < kCopyBelow) {
    if (!piece.empty()) out.append(piece).append(kCrlf);
    if (last) out.append(kLastChunk);
    return server_.stream_->write(out, write_deadline());
  }
  const iovec pieces[] = {piece_of(out), piece_of(piece), piece_of(kCrlf),
                          piece_of(last ? kLastChunk : "")};
  return server_.stream_->write(std::span<const iovec>(pieces), write_deadline());
}

Task<net::Io> H1Exchange::finish(const Fields& trailers) {
  ended_ = true;
  if (!chunked_out_) return net::Io::ok;
  std::string& out = output();
  out.append("0\r\n");
  write_trailers(out, trailers);
  out.append(kCrlf);
  return server_.stream_->write(out, write_deadline());
}

Task<net::Io> H1Exchange::interim(const Reply& reply) {
  if (head_->minor == 0) return net::Io::ok;  // RFC 9110 section 15.2
  if (reply.status == 100) continued_ = true;
  std::string& out = output();
  write_response(out, reply, head_->minor, true);
  return server_.stream_->write(out, write_deadline());
}

void H1Exchange::abort() {
  aborted_ = true;
  keep_alive_ = false;
}

net::Stream* H1Exchange::tunnel(std::string& early) {
  early = std::exchange(rest_, {});
  keep_alive_ = false;
  ended_ = true;
  server_.stream_->watch_hangup(nullptr, false);
  return server_.stream_.get();
}

std::string H1Exchange::take_rest() { return std::exchange(rest_, {}); }

Task<net::Io> Exchange::respond(std::uint16_t status, std::string_view content_type,
                                std::string_view body, std::span<const HeaderView> add,
                                bool close) {
  std::vector<HeaderView> fields;
  const std::string length = std::to_string(body.size());
  fields.reserve(add.size() + 2);
  if (!body.empty()) fields.push_back(HeaderView{"Content-Type", content_type});
  if (status != 204 && status >= 200) fields.push_back(HeaderView{"Content-Length", length});
  fields.insert(fields.end(), add.begin(), add.end());
  Reply reply;
  reply.status = status;
  reply.add = fields;
  reply.close = close;
  reply.framing = {Framing::Kind::length, body.size()};
  return start(reply, body, true);
}

}  // namespace weir::http
