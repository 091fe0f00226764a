#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ostream>

#include "cli/arguments.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

constexpr Duration kLook = 200ms;

class Logs final : public Command {
 public:
  std::string_view summary() const override { return "show what an instance wrote"; }
  void declare(Arguments& arguments) override {
    arguments.required("INSTANCE", instance_, "id of the instance, as in `weir status`");
    arguments.option("-n,--lines", lines_, "how many of its last lines (100)");
    arguments.flag("-f,--follow", follow_, "go on as it writes; Ctrl-C ends it");
    arguments.where(where_);
    arguments.example("weir logs i-0a1b2c -n 20", "its last 20 lines");
    arguments.example("weir logs i-0a1b2c -f", "and what comes");
  }
  int run(Shell& shell) override {
    Client client(shell, where_);
    if (follow_ && client.over_tcp()) {
      return failed(shell, Error(Code::invalid,
                                 "--follow reads the log itself, on weir's machine: "
                                 "leave out --address"));
    }
    const auto response =
        client.get(fmt::format("/api/v1/instances/{}/log?lines={}", url_text(instance_), lines_));
    if (!response) return failed(shell, response.error());
    const auto answer = client.parse(*response);
    if (!answer) return failed(shell, answer.error());
    if (!follow_) {
      print(*answer, shell);
      return kGood;
    }
    // Opened first, so that nothing falls between the last line and the file's end.
    const std::string path = text_of(*answer, "path");
    net::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
      return failed(shell, Error(Code::denied, path + ": " + std::strerror(errno)));
    }
    off_t at = ::lseek(file.get(), 0, SEEK_END);
    print(*answer, shell);
    return follow(file, at, shell);
  }

 private:
  static void print(const config::Node& answer, Shell& shell) {
    for (const config::Node& line : list_of(answer, "lines")) shell.out << line.text << "\n";
    shell.out.flush();
  }

  // Until the reader is gone. The file is rotated by copy and truncate: then it starts over.
  static int follow(const net::Fd& file, off_t at, Shell& shell) {
    net::Reactor reactor(shell.clock);
    std::array<char, 16 * 1024> bytes;
    while (shell.out) {
      struct stat about{};
      if (::fstat(file.get(), &about) != 0 || about.st_nlink == 0) return kGood;
      if (about.st_size < at) at = 0;
      const ssize_t got = ::pread(file.get(), bytes.data(), bytes.size(), at);
      if (got > 0) {
        shell.out.write(bytes.data(), got);
        shell.out.flush();
        at += got;
        continue;
      }
      reactor.turn(reactor.clock().now() + kLook);
    }
    return kGood;
  }

  std::string instance_;
  std::uint32_t lines_ = 100;
  bool follow_ = false;
  Where where_;
};

}  // namespace

std::unique_ptr<Command> logs_command() { return std::make_unique<Logs>(); }

}  // namespace weir::cli
