// Answer: what an operation of the native API says, and its errors as JSON:
// {"error": {"code", "message", "mistakes": [{file, line, column, path, what, remedy, text}]}}
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "config/mistake.h"
#include "http/exchange.h"
#include "net/fd.h"

namespace weir::api {

struct Answer {
  Answer() = default;
  explicit Answer(std::string json) : body(std::move(json)) {}
  Answer(std::string type, std::string text)
      : content_type(std::move(type)), body(std::move(text)) {}

  std::uint16_t status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string allow;                    // methods, with a 405
  bool challenge = false;               // asks for a bearer token, with a 401
  std::function<void()> after;          // called once the answer is sent
  std::function<void(net::Fd)> tunnel;  // with a 101: is given the connection
  // Instead of the body: says all of it by itself. Plain functions that return a coroutine's task.
  std::function<Task<>(http::Exchange&)> stream;
};

// `code` as in base/result.h, or bad_request, unauthorized, method_not_allowed.
Answer error_answer(std::uint16_t status, std::string_view code, std::string_view message,
                    const std::vector<config::Mistake>& mistakes = {});
Answer error_answer(const Error& error);
// 400: the request says what no operation understands.
Answer bad_request(const Error& error);
// 422: a configuration with these mistakes.
Answer mistakes_answer(const std::vector<config::Mistake>& mistakes);

std::uint16_t status_of(Code code);
std::string_view word_of(Code code);

}  // namespace weir::api
