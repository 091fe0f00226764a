#include "cli/run.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "cli/arguments.h"
#include "config/suggest.h"

namespace weir::cli {
namespace {

std::string overview() {
  std::string text =
      "weir: load balancer and autoscaler for model servers\n\n"
      "  weir COMMAND [OPTIONS]\n\n";
  for (const CommandRow& row : commands()) {
    text += fmt::format("  {:<10} {}\n", row.name, row.make()->summary());
  }
  return text + "\nweir COMMAND --help explains one. Start with: weir serve FILE\n";
}

const CommandRow* find_command(const std::string& name) {
  const auto all = commands();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const CommandRow& row) { return row.name == name; });
  return found == all.end() ? nullptr : &*found;
}

int unknown(const std::string& word, Shell& shell) {
  std::vector<std::string> names;
  for (const CommandRow& row : commands()) names.emplace_back(row.name);
  shell.err << "weir: there is no command '" << word << "': " << config::did_you_mean(word, names)
            << "\n";
  return kUsage;
}

// 0 and go on, or the exit status.
std::optional<int> read_arguments(CLI::App& app, std::vector<std::string> words, Shell& shell) {
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    shell.out << app.help();
    return kGood;
  } catch (const CLI::ParseError& error) {
    shell.err << app.get_name() << ": " << error.what() << "\n"
              << app.get_name() << " --help explains it\n";
    return kUsage;
  }
  return std::nullopt;
}

}  // namespace

int run(std::vector<std::string> words, Shell& shell) {
  if (words.empty()) {
    shell.err << overview();
    return kUsage;
  }
  const std::string word = words.front();
  if (word == "--help" || word == "-h" || word == "help") {
    shell.out << overview();
    return kGood;
  }
  const CommandRow* row = find_command(word == "--version" ? "version" : word);
  if (!row) return unknown(word, shell);
  const auto command = row->make();
  CLI::App app(std::string(command->summary()), "weir " + std::string(row->name));
  Arguments arguments(app);
  command->declare(arguments);
  arguments.finish();
  words.erase(words.begin());
  if (const auto status = read_arguments(app, std::move(words), shell)) return *status;
  const int status = command->run(shell);
  shell.out.flush();
  return status;
}

int run(int argc, char** argv, Serve serve) {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
  Shell shell{std::cout, std::cerr, variable};
  shell.serve = serve;
  winsize size{};
  shell.terminal = ::isatty(STDOUT_FILENO) && variable("TERM") != "dumb";
  if (shell.terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
    shell.width = size.ws_col;
  }
  return run(std::vector<std::string>(argv + std::min(argc, 1), argv + argc), shell);
}

}  // namespace weir::cli
