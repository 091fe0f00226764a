#include "cli/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

namespace weir::cli {

CLI::Option* Arguments::add_number(const std::string& names, std::uint32_t& value,
                                   const std::string& help) {
  const auto read = [&value, names](const std::string& text) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      throw CLI::ValidationError(names, "'" + text + "' is not a whole number");
    }
  };
  CLI::Option* option = app_.add_option_function<std::string>(names, read, help);
  option->type_name("N");
  return option;
}

void Arguments::required(const std::string& name, std::string& value, const std::string& help) {
  app_.add_option(name, value, help)->required()->type_name("");
}

void Arguments::required(const std::string& name, std::uint32_t& value, const std::string& help) {
  add_number(name, value, help)->required()->type_name("");
}

void Arguments::optional(const std::string& name, std::string& value, const std::string& help) {
  app_.add_option(name, value, help)->type_name("");
}

void Arguments::option(const std::string& names, std::string& value, const std::string& help) {
  app_.add_option(names, value, help);
}

void Arguments::option(const std::string& names, std::uint32_t& value, const std::string& help) {
  add_number(names, value, help);
}

void Arguments::option(const std::string& names, std::vector<std::string>& values,
                       const std::string& help) {
  app_.add_option(names, values, help)->allow_extra_args(false);
}

void Arguments::flag(const std::string& names, bool& value, const std::string& help) {
  app_.add_flag(names, value, help);
}

void Arguments::where(Where& value) {
  CLI::Option* socket = app_.add_option("--socket", value.socket,
                                        "Unix socket of the running weir (or WEIR_SOCKET; default: "
                                        "/var/lib/weir/weir.sock)");
  socket->type_name("PATH");
  app_.add_option("--address", value.address,
                  "admin address of the running weir instead: http://host:port (or WEIR_ADDRESS)")
      ->type_name("URL")
      ->excludes(socket);
  app_.add_option("--token-file", value.token_file,
                  "file with the token of its admin.token_file (or WEIR_TOKEN_FILE)")
      ->type_name("FILE")
      ->excludes(socket);
}

void Arguments::example(const std::string& line, const std::string& meaning) {
  examples_ += fmt::format("  {:<42} {}\n", line, meaning);
}

void Arguments::finish() {
  app_.footer(about_ + (examples_.empty() ? "" : "\nExamples:\n" + examples_));
}

}  // namespace weir::cli
