#include "cli/loading.h"

#include <filesystem>
#include <ostream>

#include "tls/inspect.h"

namespace weir::cli {

std::optional<Desired> load_or_complain(const std::string& path, Shell& shell) {
  std::vector<std::string> warnings;
  Loaded loaded = load(path, tls::strict_host(warnings));
  for (const std::string& warning : warnings) shell.err << "warning: " << warning << "\n";
  if (loaded.good()) return std::move(loaded.desired);
  for (const Mistake& mistake : loaded.mistakes) shell.err << to_string(mistake) << "\n";
  shell.err << path << ": " << count_of(loaded.mistakes.size(), "mistake") << "\n";
  return std::nullopt;
}

std::string socket_of(const Desired& desired) {
  if (!desired.admin.socket.empty()) return desired.admin.socket;
  return (std::filesystem::path(desired.state.path).parent_path() / "weir.sock").string();
}

std::string count_of(std::size_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

}  // namespace weir::cli
