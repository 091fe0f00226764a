#include "service.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

namespace ocr {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxBody = 32 * 1024 * 1024;
constexpr unsigned kBacklog = 512;
constexpr unsigned kIdleSeconds = 300;  // longer than a proxy in front keeps its side

// How many requests are in work, from the end of the head to the last byte of the answer.
class Work {
 public:
  void begin() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  void end() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) done_.notify_all();
  }
  void wait_until_done() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  int count_ = 0;
};

struct Answer {
  unsigned status = 200;
  Json body;
  const char* allow = nullptr;
};

// One request while its body comes in.
struct Incoming {
  std::string body;
  bool too_large = false;
};

unsigned status_of(Reading::Outcome outcome) {
  switch (outcome) {
    case Reading::Outcome::read:
      return 200;
    case Reading::Outcome::bad_image:
      return 400;
    case Reading::Outcome::no_model:
      return 500;
    case Reading::Outcome::stopping:
      return 503;
  }
  return 500;
}

double milliseconds(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1000.0;
}

Json to_json(const Reading& reading) {
  if (reading.outcome != Reading::Outcome::read) return {{"error", reading.problem}};
  auto words = Json::array();
  for (const Word& word : reading.words) {
    words.push_back({{"text", word.text}, {"confidence", word.confidence}});
  }
  const char* instance = std::getenv("WEIR_INSTANCE");
  return {{"text", reading.text},
          {"confidence", reading.confidence},
          {"words", std::move(words)},
          {"milliseconds", milliseconds(reading.spent)},
          {"waited_milliseconds", milliseconds(reading.waited)},
          {"instance", instance != nullptr ? instance : ""},
          {"pid", getpid()}};
}

Answer health(const Recogniser& recogniser) {
  switch (recogniser.state()) {
    case Recogniser::State::ready:
      return {200, {{"status", "ready"}}};
    case Recogniser::State::loading:
      return {503, {{"status", "loading the model"}}};
    case Recogniser::State::failed:
      break;
  }
  return {500, {{"status", "the model could not be loaded"}}};
}

Answer answer_to(std::string_view method, std::string_view path, Incoming& request,
                 Recogniser& recogniser) {
  if (path == "/healthz") {
    if (method != "GET" && method != "HEAD") return {405, {{"error", "use GET"}}, "GET, HEAD"};
    return health(recogniser);
  }
  if (path != "/ocr") {
    return {404, {{"error", "no such path: there are POST /ocr and GET /healthz"}}};
  }
  if (method != "POST") return {405, {{"error", "send the image with POST"}}, "POST"};
  if (request.too_large) return {413, {{"error", "the image file is larger than 32 MiB"}}};
  const Reading reading = recogniser.submit(std::move(request.body)).get();
  return {status_of(reading.outcome), to_json(reading)};
}

MHD_Result send(MHD_Connection* connection, const Answer& answer, bool last) {
  std::string text = answer.body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  MHD_Response* response =
      MHD_create_response_from_buffer(text.size(), text.data(), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, "Content-Type", "application/json");
  if (answer.allow != nullptr) MHD_add_response_header(response, "Allow", answer.allow);
  if (last) MHD_add_response_header(response, "Connection", "close");
  const MHD_Result queued = MHD_queue_response(connection, answer.status, response);
  MHD_destroy_response(response);
  return queued;
}

bool parse_address(const std::string& host, std::uint16_t port, sockaddr_storage& address) {
  std::memset(&address, 0, sizeof address);
  auto& v4 = reinterpret_cast<sockaddr_in&>(address);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return true;
  }
  if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    return true;
  }
  return false;
}

}  // namespace

struct Service::Inside {
  explicit Inside(Recogniser& r) : recogniser(r) {}

  // Called once with the head, then for each piece of the body, then once more with nothing left.
  static MHD_Result handle(void* self, MHD_Connection* connection, const char* path,
                           const char* method, const char*, const char* piece, std::size_t* size,
                           void** context) {
    auto& inside = *static_cast<Inside*>(self);
    if (*context == nullptr) {
      *context = new Incoming;
      inside.work.begin();
      return MHD_YES;
    }
    auto& request = *static_cast<Incoming*>(*context);
    if (*size > 0) {
      request.too_large = request.too_large || request.body.size() + *size > kMaxBody;
      if (request.too_large) request.body.clear();
      if (!request.too_large) request.body.append(piece, *size);
      *size = 0;
      return MHD_YES;
    }
    const Answer answer = answer_to(method, path, request, inside.recogniser);
    return send(connection, answer, inside.draining);
  }

  static void completed(void* self, MHD_Connection*, void** context, MHD_RequestTerminationCode) {
    if (*context == nullptr) return;
    delete static_cast<Incoming*>(*context);
    *context = nullptr;
    static_cast<Inside*>(self)->work.end();
  }

  Recogniser& recogniser;
  Work work;
  std::atomic<bool> draining = false;
  MHD_Daemon* daemon = nullptr;
  int refused = -1;  // the listening socket after drain()
};

std::unique_ptr<Service> Service::start(const std::string& host, std::uint16_t port,
                                        Recogniser& recogniser, std::string& problem) {
  sockaddr_storage address;
  if (!parse_address(host, port, address)) {
    problem = "'" + host + "' is not an IPv4 or IPv6 address";
    return nullptr;
  }
  auto inside = std::make_unique<Inside>(recogniser);
  unsigned flags =
      MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC;
  if (address.ss_family == AF_INET6) flags |= MHD_USE_IPv6;
  errno = 0;
  inside->daemon =
      MHD_start_daemon(flags, port, nullptr, nullptr, &Inside::handle, inside.get(),  //
                       MHD_OPTION_SOCK_ADDR, reinterpret_cast<const sockaddr*>(&address),
                       MHD_OPTION_NOTIFY_COMPLETED, &Inside::completed, inside.get(),  //
                       MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds,                    //
                       MHD_OPTION_LISTEN_BACKLOG_SIZE, kBacklog,                       //
                       MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
  if (inside->daemon == nullptr) {
    problem = std::strerror(errno);
    return nullptr;
  }
  return std::unique_ptr<Service>(new Service(std::move(inside)));
}

Service::Service(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Service::~Service() {
  MHD_stop_daemon(inside_->daemon);
  if (inside_->refused >= 0) close(inside_->refused);
}

std::uint16_t Service::port() const {
  const auto* info = MHD_get_daemon_info(inside_->daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info != nullptr ? info->port : std::uint16_t{0};
}

void Service::drain() {
  inside_->draining = true;
  inside_->refused = MHD_quiesce_daemon(inside_->daemon);
  if (inside_->refused >= 0) shutdown(inside_->refused, SHUT_RDWR);
  inside_->work.wait_until_done();
}

}  // namespace ocr
