// What a head costs: parsed, and written on.
#include <benchmark/benchmark.h>

#include <string>

#include "http/chunk.h"
#include "http/head.h"
#include "http/writer.h"

namespace weir::http {
namespace {

std::string with_slack(std::string text) {
  text.reserve(text.size() + 64);
  return text;
}

std::string small_get() { return with_slack("GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"); }

// As a browser or an SDK sends it.
std::string usual_post() {
  return with_slack(
      "POST /v1/chat/completions HTTP/1.1\r\nHost: models.example.com\r\n"
      "User-Agent: OpenAI/Python 1.51.0\r\nAccept: application/json\r\nAccept-Encoding: gzip, "
      "deflate, br\r\n"
      "Connection: keep-alive\r\nContent-Type: application/json\r\nContent-Length: 1024\r\n"
      "Authorization: Bearer sk-0123456789abcdef0123456789abcdef0123456789abcdef\r\n"
      "X-Stainless-Lang: python\r\nX-Stainless-Package-Version: 1.51.0\r\nX-Stainless-OS: Linux\r\n"
      "X-Stainless-Arch: x64\r\nX-Stainless-Runtime: CPython\r\nX-Stainless-Async: false\r\n"
      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n");
}

void parse(benchmark::State& state, const std::string& text) {
  RequestHead head;
  for (auto _ : state) {
    const Parsed parsed = parse_request(text, {}, head);
    benchmark::DoNotOptimize(parsed.length);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

void write(benchmark::State& state, const std::string& text) {
  RequestHead head;
  parse_request(text, {}, head);
  const Forwarded forwarded{"192.0.2.7", "http", "8080", "0123456789abcdef0123456789abcdef",
                            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
  for (auto _ : state) {
    std::string& out = output();
    write_request(out, head, forwarded);
    benchmark::DoNotOptimize(out.data());
  }
}

void chunks(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  std::string body;
  while (body.size() < 64 * 1024) {
    write_chunk_size(body, size);
    body += std::string(size, 'x') + "\r\n";
  }
  std::string bytes;
  for (auto _ : state) {
    bytes = body;  // decoded in place
    ChunkDecoder decoder;
    const auto fed = decoder.feed(bytes);
    if (fed.payload < 60 * 1024 * size / (size + 8)) state.SkipWithError("not decoded");
    benchmark::DoNotOptimize(fed.payload);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}

BENCHMARK_CAPTURE(parse, small_get, small_get());
BENCHMARK_CAPTURE(parse, usual_post, usual_post());
BENCHMARK_CAPTURE(write, small_get, small_get());
BENCHMARK_CAPTURE(write, usual_post, usual_post());
BENCHMARK(chunks)->Arg(16)->Arg(1024)->Arg(16384);

}  // namespace
}  // namespace weir::http
