#include "app/successor.h"

#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>

namespace weir::app {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

CommandLine CommandLine::of_this_process() {
  CommandLine mine;
  std::array<char, PATH_MAX> path{};
  if (::readlink("/proc/self/exe", path.data(), path.size() - 1) > 0) mine.program = path.data();
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  for (std::size_t at = all.find('\0') + 1; at > 0 && at < all.size();) {
    mine.arguments.emplace_back(all.c_str() + at);
    at += mine.arguments.back().size() + 1;
  }
  return mine;
}

Result<pid_t> start_successor(const CommandLine& mine, const std::string& socket,
                              const ServiceManager& manager) {
  std::vector<std::string> words = {mine.program};
  for (std::size_t i = 0; i < mine.arguments.size(); ++i) {
    const std::string& word = mine.arguments[i];
    if (word == "--takeover" || word.starts_with("--socket=")) continue;
    if (word == "--socket") {
      ++i;
      continue;
    }
    words.push_back(word);
  }
  words.insert(words.end(), {"--takeover", "--socket", socket});
  std::vector<std::string> variables;
  for (char** one = environ; *one; ++one) variables.emplace_back(*one);
  if (!manager.socket().empty()) variables.push_back("NOTIFY_SOCKET=" + manager.socket());

  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, mine.program.c_str(), nullptr, &attributes,
                                  pointers(words).data(), pointers(variables).data());
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) return fail(Code::unavailable, mine.program + ": " + std::strerror(error));
  return pid;
}

}  // namespace weir::app
