#include "http/h1_call.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "http/pieces.h"

namespace weir::http {
namespace {

constexpr std::size_t kKeepAnswers = 256;

}  // namespace

// What is parsed of a response; recycled by thread.
struct H1Call::Memory {
  ResponseHead head;
  std::string spill;  // a head that came in pieces, or bytes behind a 1xx

  static std::vector<std::unique_ptr<Memory>>& pool() {
    thread_local std::vector<std::unique_ptr<Memory>> memories;
    return memories;
  }
};

H1Call::H1Call(net::Owned<net::Stream> stream, HeadLimits limits)
    : stream_(std::move(stream)), limits_(limits) {
  auto& pool = Memory::pool();
  if (pool.empty()) {
    memory_ = std::make_unique<Memory>();
  } else {
    memory_ = std::move(pool.back());
    pool.pop_back();
  }
}

H1Call::~H1Call() {
  auto& pool = Memory::pool();
  memory_->spill.clear();
  if (pool.size() < kKeepAnswers && memory_->spill.capacity() < 1024) {
    pool.push_back(std::move(memory_));
  }
}

Task<net::Io> H1Call::start(const RequestHead& request, const Forwarded& forwarded,
                            std::string_view body, bool last, net::Deadline deadline) {
  to_head_ = request.method == "HEAD";
  chunked_out_ = request.framing.kind == Framing::Kind::chunked;
  sent_ = last;
  std::string& out = output();
  write_request(out, request, forwarded);
  if (body.size() < kCopyBelow) {
    if (chunked_out_ && !body.empty()) write_chunk_size(out, body.size());
    out.append(body);
    if (chunked_out_ && !body.empty()) out.append(kCrlf);
    if (chunked_out_ && last) out.append(kLastChunk);
    return stream_->write(out, deadline);
  }
  if (chunked_out_) write_chunk_size(out, body.size());
  const iovec pieces[] = {piece_of(out), piece_of(body), piece_of(chunked_out_ ? kCrlf : ""),
                          piece_of(chunked_out_ && last ? kLastChunk : "")};
  return stream_->write(std::span<const iovec>(pieces), deadline);
}

Task<net::Io> H1Call::write(std::string_view piece, bool last, net::Deadline deadline) {
  sent_ = last;
  if (!chunked_out_) {
    if (piece.empty()) return net::Io::ok;
    return stream_->write(piece, deadline);
  }
  if (piece.empty() && !last) return net::Io::ok;
  std::string& out = output();
  if (!piece.empty()) write_chunk_size(out, piece.size());
  const iovec pieces[] = {piece_of(out), piece_of(piece), piece_of(piece.empty() ? "" : kCrlf),
                          piece_of(last ? kLastChunk : "")};
  return stream_->write(std::span<const iovec>(pieces), deadline);
}

Task<net::Io> H1Call::finish(const Fields& trailers, net::Deadline deadline) {
  sent_ = true;
  if (!chunked_out_) return net::Io::ok;
  std::string& out = output();
  out.append("0\r\n");
  write_trailers(out, trailers);
  out.append(kCrlf);
  return stream_->write(out, deadline);
}

bool H1Call::decode(std::span<char> bytes, std::string_view& payload) {
  std::size_t consumed = bytes.size();
  switch (memory_->head.framing.kind) {
    case Framing::Kind::none:
      consumed = 0;
      done_ = true;
      break;
    case Framing::Kind::length:
      consumed = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      left_ -= consumed;
      payload = {bytes.data(), consumed};
      done_ = left_ == 0;
      break;
    case Framing::Kind::until_close:
      payload = {bytes.data(), bytes.size()};
      break;
    case Framing::Kind::chunked: {
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
          const Parsed parsed = parse_trailers(trailer_bytes_, limits_, trailers_);
          if (parsed.kind != Parsed::Kind::done) {
            wrong_ = parsed.kind == Parsed::Kind::refused ? parsed.reason : "bad trailers";
            return false;
          }
        }
        done_ = true;
      }
      break;
    }
  }
  bytes_in_ += payload.size();
  if (consumed < bytes.size()) surplus_ = true;
  return true;
}

Answer H1Call::answer(std::string_view bytes, std::size_t length) {
  const ResponseHead& head = memory_->head;
  Answer result;
  result.head = &head;
  if (head.status < 200 && head.status != 101) {
    // More heads follow, perhaps in these very bytes.
    std::string rest(bytes.substr(length));
    rest.reserve(rest.size() + net::Reactor::kSlack);
    next_ = std::move(rest);
    return result;
  }
  if (head.status == 101) {
    next_.assign(bytes.substr(length));
    return result;
  }
  left_ = head.framing.length;
  const std::span<char> rest(const_cast<char*>(bytes.data()) + length, bytes.size() - length);
  if (!decode(rest, result.piece)) {
    result.status = net::Io::failed;
    result.wrong = wrong_;
  }
  result.last = done_;
  return result;
}

Task<Answer> H1Call::read_head(net::Deadline deadline) {
  std::string& spill = memory_->spill;
  spill.clear();
  spill.swap(next_);
  while (true) {
    std::string_view bytes = spill;
    if (!bytes.empty()) {
      const Parsed parsed = parse_response(bytes, limits_, to_head_, memory_->head);
      if (parsed.kind == Parsed::Kind::done) co_return answer(bytes, parsed.length);
      if (parsed.kind == Parsed::Kind::refused) {
        co_return Answer{net::Io::failed, nullptr, {}, false, parsed.reason};
      }
    }
    const net::Read got = co_await stream_->read(deadline);
    if (got.status != net::Io::ok) co_return Answer{got.status};
    answered_ = true;
    bytes = {got.bytes.data(), got.bytes.size()};
    if (spill.empty()) {
      const Parsed parsed = parse_response(bytes, limits_, to_head_, memory_->head);
      if (parsed.kind == Parsed::Kind::done) co_return answer(bytes, parsed.length);
      if (parsed.kind == Parsed::Kind::refused) {
        co_return Answer{net::Io::failed, nullptr, {}, false, parsed.reason};
      }
    }
    spill.reserve(spill.size() + bytes.size() + net::Reactor::kSlack);
    spill.append(bytes);
  }
}

Task<Piece> H1Call::read_body(net::Deadline deadline) {
  DCHECK(!done_);
  while (true) {
    const net::Read got = co_await stream_->read(deadline);
    if (got.status == net::Io::eof && memory_->head.framing.kind == Framing::Kind::until_close) {
      done_ = true;
      co_return Piece{net::Io::ok, {}, true};
    }
    if (got.status != net::Io::ok) co_return Piece{got.status};
    std::string_view payload;
    if (!decode(got.bytes, payload)) co_return Piece{net::Io::failed, {}, false, 502, wrong_};
    if (payload.empty() && !done_) continue;
    co_return Piece{net::Io::ok, payload, done_};
  }
}

net::Stream* H1Call::tunnel(std::string& early) {
  early = std::exchange(next_, {});
  return stream_.get();
}

net::Owned<net::Stream> H1Call::release() {
  const bool clean = stream_ && sent_ && done_ && !surplus_ && memory_->head.keep_alive &&
                     memory_->head.status != 101 && stream_->quiet();
  if (!clean) {
    stream_.reset();
    return nullptr;
  }
  return std::move(stream_);
}

}  // namespace weir::http
