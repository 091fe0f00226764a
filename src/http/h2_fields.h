// h2_fields: heads of HTTP/2 messages from and to the form that HTTP/1 has, so that one parser is
// as strict with both and what serves requests sees no difference (RFC 9113 section 8).
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"
#include "http/head.h"
#include "http/writer.h"

namespace weir::http {

// Collects the fields of one header block as lines of HTTP/1. What nghttp2 checks already (names,
// order of pseudo-header fields, fields of the connection) is not checked again.
class FieldBlock {
 public:
  void clear();
  // False when it is one field, or one byte, too many: the block is then over().
  bool add(std::string_view name, std::string_view value, const HeadLimits& limits);
  bool over() const { return over_; }

  // The block as a head, with views into `text`, which is overwritten. `end`: no body follows.
  Parsed request(bool end, const HeadLimits& limits, std::string& text, RequestHead& head);
  Parsed trailers(const HeadLimits& limits, std::string& text, Fields& fields);
  // Of a response, in two steps: it may wait to be read.
  void response_text(std::string& text) const;
  bool informational() const { return status_.starts_with('1'); }
  bool grpc() const { return grpc_; }

 private:
  std::string method_, scheme_, authority_, path_, protocol_, status_, host_, cookie_;
  std::string lines_;
  std::size_t bytes_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t hosts_ = 0;
  bool over_ = false;
  bool has_length_ = false;
  bool grpc_ = false;
};

Parsed parse_response_text(const std::string& text, bool end, bool to_head,
                           const HeadLimits& limits, ResponseHead& head);

// Fields as nghttp2 takes them: for one message at a time, submitted before any suspension.
class FieldList {
 public:
  // The thread's, emptied.
  static FieldList& make();
  void add(std::string_view name, std::string_view value);
  // The value is copied.
  void add_copy(std::string_view name, std::string value);
  const nghttp2_nv* data() const { return list_.data(); }
  std::size_t size() const { return list_.size(); }

 private:
  static constexpr std::size_t kCopies = 8;
  std::vector<nghttp2_nv> list_;
  std::string copies_[kCopies];
  std::size_t copied_ = 0;
};

// What a proxy passes on, as write_request and write_response have it for HTTP/1.
void list_request(FieldList& out, const RequestHead& head, const Forwarded& forwarded,
                  std::string_view scheme);
void list_response(FieldList& out, const Reply& reply);

}  // namespace weir::http
