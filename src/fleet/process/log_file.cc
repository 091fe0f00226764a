#include "fleet/process/log_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace weir::fleet {
namespace {

constexpr std::size_t kTailBytes = 1024 * 1024;
constexpr std::size_t kBlock = 16 * 1024;
constexpr std::size_t kLineBytes = 4096;

std::string numbered(const std::string& path, int number) {
  return fmt::format("{}.{}", path, number);
}

// Appends [from, to) of `source` to `target`; returns where it ended.
off_t copy(int source, int target, off_t from, off_t to) {
  while (from < to) {
    const ssize_t n = ::sendfile(target, source, &from, static_cast<std::size_t>(to - from));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
  }
  return from;
}

off_t size_of(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 ? status.st_size : 0;
}

// The end of the file, at least `lines` full lines of it where it has them.
std::string last_part(const std::string& path, std::size_t lines, std::size_t limit) {
  const net::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return {};
  std::string text;
  off_t begin = size_of(fd.get());
  std::size_t breaks = 0;
  while (begin > 0 && breaks <= lines && text.size() < limit) {
    const auto size = static_cast<std::size_t>(std::min<off_t>(begin, kBlock));
    std::string block(size, '\0');
    const ssize_t n = ::pread(fd.get(), block.data(), size, begin - static_cast<off_t>(size));
    if (n <= 0) break;
    block.resize(static_cast<std::size_t>(n));
    breaks += static_cast<std::size_t>(std::ranges::count(block, '\n'));
    text.insert(0, block);
    begin -= static_cast<off_t>(size);
  }
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(clean_line(text.substr(0, std::min(end, kLineBytes))));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Length of the valid UTF-8 sequence at the start of `text`; 0 if there is none.
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80                    ? 1
                             : first >= 0xc2 && first < 0xe0 ? 2
                             : first >= 0xe0 && first < 0xf0 ? 3
                             : first >= 0xf0 && first < 0xf5 ? 4
                                                             : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (first == 0xe0 && byte(1) < 0xa0) return 0;                 // overlong
  if (first == 0xed && byte(1) >= 0xa0) return 0;                // surrogate
  if (first == 0xf0 && byte(1) < 0x90) return 0;                 // overlong
  if (first == 0xf4 && byte(1) >= 0x90) return 0;                // above U+10FFFF
  if (first == 0xc2 && length == 2 && byte(1) < 0xa0) return 0;  // C1 control
  return length;
}

// Length of a terminal sequence (ESC [ ... letter) at the start of `text`, else 0.
std::size_t terminal_sequence(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const auto end =
      std::find_if(text.begin() + 2, text.end(), [](char c) { return c >= '@' && c <= '~'; });
  return static_cast<std::size_t>(end - text.begin()) + (end == text.end() ? 0 : 1);
}

}  // namespace

Result<net::Fd> open_log(const std::string& path) {
  net::Fd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!fd) {
    return fail(Code::unavailable, fmt::format("log file '{}': {}", path, std::strerror(errno)));
  }
  return fd;
}

bool rotate(const std::string& path, const LogLimits& limits) {
  struct stat status{};
  const auto limit = static_cast<off_t>(limits.size.value);
  if (::stat(path.c_str(), &status) != 0 || status.st_size <= limit) return false;
  const net::Fd source(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!source) return false;
  if (limits.files > 1) {
    for (int number = limits.files - 2; number >= 1; --number) {
      std::rename(numbered(path, number).c_str(), numbered(path, number + 1).c_str());
    }
    const net::Fd target(::open(numbered(path, 1).c_str(),
                                O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (target) {
      off_t size = size_of(source.get());
      off_t at = copy(source.get(), target.get(), std::max<off_t>(0, size - limit), size);
      // What came meanwhile; one more look is enough to make the gap small.
      size = size_of(source.get());
      copy(source.get(), target.get(), at, size);
    }
    // A full disk must not stop the truncation: it is what frees space.
  }
  return ::ftruncate(source.get(), 0) == 0;
}

std::vector<std::string> tail(const std::string& path, std::size_t lines) {
  std::string text = last_part(path, lines, kTailBytes);
  if (static_cast<std::size_t>(std::ranges::count(text, '\n')) < lines &&
      text.size() < kTailBytes) {
    text.insert(0, last_part(numbered(path, 1), lines, kTailBytes - text.size()));
  }
  std::vector<std::string> all = split(text);
  if (all.size() > lines) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(lines));
  return all;
}

std::string clean_line(std::string_view line) {
  std::string out;
  while (!line.empty()) {
    std::size_t length = terminal_sequence(line);
    if (length == 0) {
      length = sequence(line);
      const bool control =
          length == 1 && (static_cast<unsigned char>(line[0]) < 0x20 || line[0] == 0x7f);
      if (length == 0) {
        out += "\xef\xbf\xbd";  // U+FFFD
        length = 1;
      } else if (!control || line[0] == '\t') {
        out += line.substr(0, length);
      }
    }
    line.remove_prefix(length);
  }
  return out;
}

void remove_log(const std::string& path, const LogLimits& limits) {
  ::unlink(path.c_str());
  for (int number = 1; number < limits.files; ++number) ::unlink(numbered(path, number).c_str());
}

}  // namespace weir::fleet
