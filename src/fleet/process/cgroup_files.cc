#include "fleet/process/cgroup_files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "fleet/process/proc.h"
#include "net/fd.h"

namespace weir::fleet {
namespace {

std::optional<std::uint64_t> leading_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

Result<> write_file(const std::string& path, std::string_view value) {
  const net::Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd || ::write(fd.get(), value.data(), value.size()) != static_cast<ssize_t>(value.size())) {
    return fail(Code::denied, fmt::format("{}: {}", path, std::strerror(errno)));
  }
  return {};
}

std::optional<std::uint64_t> number_of(const std::string& path) {
  const auto text = read_file(path);
  return text ? leading_number(*text) : std::nullopt;
}

std::optional<std::uint64_t> keyed_number(const std::string& path, std::string_view key) {
  const auto text = read_file(path);
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
      return leading_number(line.substr(key.size() + 1));
    }
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return std::nullopt;
}

}  // namespace weir::fleet
