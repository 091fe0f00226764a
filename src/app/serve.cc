#include "app/serve.h"

#include <malloc.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <optional>

#include "app/server.h"
#include "app/takeover.h"
#include "base/log.h"
#include "base/service_manager.h"
#include "net/listen.h"
#include "state/store.h"
#include "tls/inspect.h"

namespace weir::app {
namespace {

LogOptions log_options(const Log& log) {
  LogOptions options;
  options.level = log.level == "debug"   ? LogLevel::debug
                  : log.level == "warn"  ? LogLevel::warn
                  : log.level == "error" ? LogLevel::error
                                         : LogLevel::info;
  options.json = log.format == "json";
  options.file = log.file;
  return options;
}

int failed(const std::string& what) {
  std::fprintf(stderr, "weir: %s\n", what.c_str());
  return 1;
}

// Large blocks, which are request bodies held for a retry, are mapped for themselves and go back to
// the system. By default glibc raises the threshold with each one freed, up to 32 MiB, and growing
// bodies leave holes in the heap: with 30 of 16 MiB, 588 MiB were resident at most, and 440 so.
void bound_the_heap() {
  constexpr int kMapAbove = 512 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, kMapAbove);
}

}  // namespace

int serve(const cli::ServeOptions& options) {
  // Before the first thread: what must not be inherited by threads and children.
  block_signals();
  bound_the_heap();
  const ServiceManager manager = ServiceManager::from_environment();
  std::vector<net::Inherited> inherited = net::inherited_listeners();

  Loaded loaded = load(options.path, tls::host());
  for (const Mistake& mistake : loaded.mistakes) {
    std::fprintf(stderr, "%s\n", to_string(mistake).c_str());
  }
  if (!loaded.good()) return 2;
  start_logging(log_options(loaded.desired.log));

  std::optional<Inheritance> inheritance;
  if (options.takeover) {
    const std::string socket = options.socket.empty()
                                   ? api::socket_path(loaded.desired.admin, loaded.desired.state)
                                   : options.socket;
    auto taken = take_over(socket, loaded.desired.state.path);
    if (!taken) return failed(taken.error().message);
    inheritance = std::move(*taken);
    inherited = std::move(inheritance->listeners);
  }
  auto store = state::Store::open(loaded.desired.state.path);
  if (!store) return failed(store.error().message);
  std::shared_ptr<observe::AccessLog> access_log;
  if (const AccessLog& wanted = loaded.desired.access_log; !wanted.path.empty()) {
    auto opened = observe::AccessLog::open(wanted.path, wanted.format == "alb"
                                                            ? observe::AccessLog::Format::alb
                                                            : observe::AccessLog::Format::json);
    if (!opened) return failed("access_log: " + opened.error().message);
    access_log = std::move(*opened);
  }
  const std::string path = std::filesystem::weakly_canonical(options.path).string();
  Server server(path, loaded.desired, std::move(*store), std::move(access_log),
                std::move(inherited), manager, std::move(inheritance));
  return server.run(std::move(loaded));
}

}  // namespace weir::app
