// Request and response heads: views stay inside the bytes, a head is judged alike however it
// arrives, and what is accepted holds nothing that another parser could read as a line of its own.
// A request written on is read again as the same request, less what is hop by hop.
// sources: src/http/head.cc src/http/writer.cc src/model/request_view.cc src/model/cookies.cc src/base/check.cc
// libraries: fmt
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/check.h"
#include "http/head.h"
#include "http/writer.h"

namespace {

using namespace weir::http;  // NOLINT: a fuzzer of this namespace

constexpr std::size_t kSlack = 16;  // head.h: readable bytes behind what is parsed

// A copy of exactly the bytes and the slack, so that ASan sees whatever reads further.
struct Buffer {
  explicit Buffer(std::string_view bytes)
      : memory(bytes.size() + kSlack, '\xaa'), size(bytes.size()) {
    if (!bytes.empty()) std::memcpy(memory.data(), bytes.data(), bytes.size());
  }
  std::string_view view() const { return {memory.data(), size}; }
  std::vector<char> memory;
  std::size_t size;
};

void check_inside(std::string_view part, std::string_view whole) {
  CHECK(part.empty() ||
        (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size()));
}

void check_clean(std::string_view text) {
  CHECK(text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
}

void check_fields(const Fields& fields, std::string_view whole) {
  CHECK(fields.list.size() == fields.known.size());
  check_inside(fields.raw, whole);
  for (const auto& field : fields.list) {
    CHECK(!field.name.empty());
    CHECK(field.name.find_first_of(" \t:") == std::string_view::npos);
    check_inside(field.name, whole);
    check_inside(field.value, whole);
    check_clean(field.name);
    check_clean(field.value);
  }
}

// What a proxy must pass on as it came.
bool passes(const Fields& fields, std::size_t i) {
  switch (fields.known[i]) {
    case Known::host:
    case Known::content_length:
    case Known::x_request_id:
    case Known::traceparent:
    case Known::trailer:
      return true;
    case Known::other:
      break;
    default:
      return false;
  }
  for (std::size_t k = 0; k < fields.list.size(); ++k) {
    if (fields.known[k] == Known::connection && list_has(fields.list[k].value, fields.list[i].name))
      return false;
  }
  return true;
}

void check_written(const RequestHead& head) {
  const Forwarded forwarded{"192.0.2.7", "http", "8080", "id", "trace"};
  std::string out;
  write_request(out, head, forwarded);
  const Buffer buffer(out);
  RequestHead again;
  const HeadLimits wide{.bytes = std::size_t{1} << 24, .headers = 1'000'000};
  const Parsed parsed = parse_request(buffer.view(), wide, again);
  CHECK(parsed.kind == Parsed::Kind::done && parsed.length == out.size());
  CHECK(again.method == head.method && again.path == head.path && again.query == head.query);
  CHECK((again.query.data() == nullptr) == (head.query.data() == nullptr));
  CHECK(weir::equal_ignoring_case(again.host, head.host) && again.port == head.port);
  CHECK(again.framing.kind == head.framing.kind && again.framing.length == head.framing.length);
  CHECK(again.upgrade == head.upgrade && again.keep_alive && !again.expect_continue);
  std::size_t at = 0, others = 0;  // what passes stands in its old order
  for (std::size_t i = 0; i < head.fields.list.size(); ++i) {
    if (!passes(head.fields, i)) continue;
    while (at < again.fields.list.size() &&
           (again.fields.list[at].name != head.fields.list[i].name ||
            again.fields.list[at].value != head.fields.list[i].value)) {
      ++at;
    }
    CHECK(at < again.fields.list.size());
    ++at;
    if (head.fields.known[i] == Known::other) ++others;
  }
  for (std::size_t i = 0; i < again.fields.list.size(); ++i) {
    if (again.fields.known[i] == Known::other) --others;  // nothing else came in
    CHECK(again.fields.known[i] != Known::keep_alive && again.fields.known[i] != Known::te &&
          again.fields.known[i] != Known::proxy_connection);
  }
  CHECK(others == 0);
  CHECK(again.fields.has(Known::connection) == head.upgrade);
}

template <class Head, class Parse>
void judge(std::string_view bytes, std::size_t cut, const Parse& parse) {
  const Buffer buffer(bytes);
  Head head;
  const Parsed parsed = parse(buffer.view(), head);
  if (parsed.kind == Parsed::Kind::refused) CHECK(parsed.status >= 400 && parsed.status < 600);
  if (parsed.kind == Parsed::Kind::done) {
    CHECK(parsed.length > 0 && parsed.length <= bytes.size());
    check_fields(head.fields, buffer.view().substr(0, parsed.length));
    if constexpr (std::is_same_v<Head, RequestHead>) check_written(head);
    CHECK(!(head.fields.has(Known::content_length) && head.fields.has(Known::transfer_encoding)));
    // What stands behind the head does not change it, and less than the head is not a head.
    const Buffer alone(bytes.substr(0, parsed.length));
    Head again;
    const Parsed exact = parse(alone.view(), again);
    CHECK(exact.kind == Parsed::Kind::done && exact.length == parsed.length);
    CHECK(again.fields.list.size() == head.fields.list.size());
    CHECK(again.framing.kind == head.framing.kind && again.framing.length == head.framing.length);
    const Buffer part(bytes.substr(0, cut % parsed.length));
    CHECK(parse(part.view(), again).kind == Parsed::Kind::incomplete);
  } else {
    // A part of it is not a head either, unless the whole one begins with that head.
    const Buffer part(bytes.substr(0, bytes.empty() ? 0 : cut % bytes.size()));
    CHECK(parse(part.view(), head).kind != Parsed::Kind::done);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::size_t cut = data[0] | (std::size_t{data[1]} << 8);
  const unsigned what = data[2];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  HeadLimits limits;
  if (what & 4) limits = HeadLimits{.bytes = 256, .headers = 5};

  const auto request = [&](std::string_view text, RequestHead& head) {
    return parse_request(text, limits, head);
  };
  const auto response = [&](std::string_view text, ResponseHead& head) {
    return parse_response(text, limits, (what & 2) != 0, head);
  };
  if (what & 1) {
    judge<ResponseHead>(bytes, cut, response);
  } else {
    judge<RequestHead>(bytes, cut, request);
  }
  const Buffer trailers(bytes);
  Fields fields;
  if (parse_trailers(trailers.view(), limits, fields).kind == Parsed::Kind::done)
    check_fields(fields, trailers.view());
  return 0;
}
