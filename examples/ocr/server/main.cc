// ocr-server: Tesseract behind HTTP, one page at a time. A real model server for weir to look
// after. SIGTERM: takes no new connections, answers what it has, exits 0.
#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "recogniser.h"
#include "service.h"

namespace {

// Tesseract uses OpenMP, whose second thread costs twice the CPU for no gain on small pages. The
// limit is read when the library is loaded, so it has to be there before main: start again with it.
void limit_threads(char** argv) {
  if (std::getenv("OMP_THREAD_LIMIT") != nullptr) return;
  setenv("OMP_THREAD_LIMIT", "1", 1);
  execv("/proc/self/exe", argv);
  std::fprintf(stderr, "ocr-server: cannot start again with OMP_THREAD_LIMIT=1: %s\n",
               std::strerror(errno));
}

// For every thread, so it has to come before the first one is started.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

}  // namespace

int main(int argc, char** argv) {
  limit_threads(argv);
  mallopt(M_ARENA_MAX,
          1);  // one thread works: an arena for each would cost 64 MiB of address space
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string language = "eng";
  CLI::App app{"Reads the text of page images: POST /ocr", "ocr-server"};
  app.add_option("--port", port, "TCP port; 0 takes a free one")->required();
  app.add_option("--host", host, "address to listen on")->capture_default_str();
  app.add_option("--language", language, "Tesseract model")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const sigset_t stop_signals = block_stop_signals();
  ocr::Recogniser recogniser(language);
  std::string problem;
  const auto service = ocr::Service::start(host, port, recogniser, problem);
  if (!service) {
    std::fprintf(stderr, "ocr-server: cannot listen on %s port %u: %s\n", host.c_str(), port,
                 problem.c_str());
    return 1;
  }
  std::fprintf(stderr, "ocr-server: pid %d listens on %s port %u\n", getpid(), host.c_str(),
               service->port());

  int signal = 0;
  sigwait(&stop_signals, &signal);
  service->drain();
  std::fprintf(stderr, "ocr-server: pid %d stopped\n", getpid());
}
