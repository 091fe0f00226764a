#include "api/native/answer.h"

#include <fmt/format.h>

#include "api/native/json_writer.h"

namespace weir::api {

std::uint16_t status_of(Code code) {
  switch (code) {
    case Code::invalid:
      return 422;
    case Code::not_found:
      return 404;
    case Code::conflict:
    case Code::limit:
      return 409;
    case Code::denied:
      return 403;
    case Code::unavailable:
      return 503;
    case Code::timeout:
      return 504;
    case Code::internal:
      break;
  }
  return 500;
}

std::string_view word_of(Code code) {
  switch (code) {
    case Code::invalid:
      return "invalid";
    case Code::not_found:
      return "not_found";
    case Code::conflict:
      return "conflict";
    case Code::limit:
      return "limit";
    case Code::denied:
      return "denied";
    case Code::unavailable:
      return "unavailable";
    case Code::timeout:
      return "timeout";
    case Code::internal:
      break;
  }
  return "internal";
}

Answer error_answer(std::uint16_t status, std::string_view code, std::string_view message,
                    const std::vector<config::Mistake>& mistakes) {
  JsonWriter json;
  json.open().key("error").open().field("code", code).field("message", message);
  json.key("mistakes").open_list();
  for (const config::Mistake& mistake : mistakes) {
    json.open().field("file", mistake.file).field("line", mistake.line);
    json.field("column", mistake.column).field("path", mistake.path);
    json.field("what", mistake.what).field("remedy", mistake.remedy);
    json.field("text", config::to_string(mistake)).close();
  }
  json.close_list().close().close();
  Answer answer(json.take());
  answer.status = status;
  return answer;
}

Answer error_answer(const Error& error) {
  return error_answer(status_of(error.code), word_of(error.code), error.message);
}

Answer bad_request(const Error& error) { return error_answer(400, "bad_request", error.message); }

Answer mistakes_answer(const std::vector<config::Mistake>& mistakes) {
  const auto message = fmt::format("{} mistake{} in the configuration; nothing was changed",
                                   mistakes.size(), mistakes.size() == 1 ? "" : "s");
  return error_answer(422, "invalid", message, mistakes);
}

}  // namespace weir::api
