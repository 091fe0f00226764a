// Arguments: what a command takes, declared by the command and read by CLI11, which stays in
// run.cc and arguments.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/where.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace weir::cli {

// Lives while the command line is read. The values outlive it.
class Arguments {
 public:
  explicit Arguments(CLI::App& app) : app_(app) {}

  // By place, in the order of the calls: FILE.
  void required(const std::string& name, std::string& value, const std::string& help);
  void required(const std::string& name, std::uint32_t& value, const std::string& help);
  void optional(const std::string& name, std::string& value, const std::string& help);
  // By name: "-n,--lines".
  void option(const std::string& names, std::string& value, const std::string& help);
  void option(const std::string& names, std::uint32_t& value, const std::string& help);
  // May be given several times.
  void option(const std::string& names, std::vector<std::string>& values, const std::string& help);
  void flag(const std::string& names, bool& value, const std::string& help);
  // --socket, --address and --token-file, as every command has them that talks to the running weir.
  void where(Where& value);

  // For --help: what it does in a few lines, and a command line that shows it.
  void about(const std::string& text) { about_ += text + "\n"; }
  void example(const std::string& line, const std::string& meaning);
  // After all: puts both behind the options.
  void finish();

 private:
  CLI::Option* add_number(const std::string& names, std::uint32_t& value, const std::string& help);

  CLI::App& app_;
  std::string about_;
  std::string examples_;
};

}  // namespace weir::cli
