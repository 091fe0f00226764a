#include "net/pass_fds.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace weir::net {
namespace {

std::pair<Fd, Fd> unix_pair() {
  int ends[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  return {Fd(ends[0]), Fd(ends[1])};
}

TEST(PassFds, HandsOverOpenFilesBesideBytes) {
  auto [here, there] = unix_pair();
  int pipe[2];
  ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  const Fd reading(pipe[0]);
  Fd writing(pipe[1]);
  ASSERT_EQ(::write(here.get(), "head\n", 5), 5);
  const int fd = writing.get();

  ASSERT_TRUE(*pass_fds(here.get(), {&fd, 1}));
  ASSERT_EQ(::write(here.get(), "tail", 4), 4);
  writing.reset();
  here.reset();

  std::string bytes;
  std::vector<Fd> fds;
  while (true) {
    const auto got = receive_with_fds(there.get(), fds);
    ASSERT_TRUE(got) << got.error().message;
    if (got->empty()) break;
    bytes += *got;
  }
  EXPECT_EQ(bytes, "head\nFtail");
  ASSERT_EQ(fds.size(), 1u);
  EXPECT_NE(::fcntl(fds[0].get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_EQ(::write(fds[0].get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(reading.get(), &byte, 1), 1);
}

TEST(PassFds, TakesManyInOneMessageAndSaysWhenTheSocketIsFull) {
  auto [here, there] = unix_pair();
  const std::vector<int> many(kMostPassed, here.get());
  ASSERT_TRUE(*pass_fds(here.get(), many));
  std::vector<Fd> fds;
  ASSERT_TRUE(receive_with_fds(there.get(), fds));
  EXPECT_EQ(fds.size(), kMostPassed);

  ::fcntl(here.get(), F_SETFL, O_NONBLOCK);
  const int fd = there.get();
  const std::string filler(4096, 'x');
  while (::send(here.get(), filler.data(), filler.size(), MSG_NOSIGNAL) > 0) {
  }
  EXPECT_FALSE(*pass_fds(here.get(), {&fd, 1}));
}

TEST(PassFds, TellsWhenTheOtherEndIsGone) {
  auto [here, there] = unix_pair();
  const int fd = STDIN_FILENO;
  there.reset();

  EXPECT_FALSE(pass_fds(here.get(), {&fd, 1}));
  std::vector<Fd> fds;
  EXPECT_EQ(receive_with_fds(here.get(), fds).value_or("?"), "");
}

}  // namespace
}  // namespace weir::net
