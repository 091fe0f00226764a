// Keeper: all contexts in use, by listener and by target group. Looks each few seconds whether
// their files have changed, and renews the ticket keys, on a thread of its own.
//
// Lives on the control thread; its thread starts with the first context.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tls/back.h"
#include "tls/front.h"

namespace weir::tls {

class Keeper {
 public:
  static constexpr Duration kLook = 2s;

  explicit Keeper(const Clock& clock = system_clock());
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  // The one of that name with these options; made where there is none. Blocks then.
  Read<std::shared_ptr<const TlsBase>> front(const std::string& listener,
                                             const ListenerTls& options);
  Read<std::shared_ptr<const TlsBase>> back(const std::string& group, const EndpointTls& options);
  // Those that nobody else holds go.
  void drop_unused();
  TicketKeys& tickets() { return *tickets_; }
  // At once, on the thread that looks.
  void look();

 private:
  template <class Options>
  struct Row {
    std::string name;
    Options options;
    std::shared_ptr<Kept> kept;
  };
  template <class T, class Options, class... A>
  Read<std::shared_ptr<const TlsBase>> known(std::vector<Row<Options>>& rows,
                                             const std::string& name, const Options& options,
                                             A... more);
  void run();

  const Clock& clock_;
  std::shared_ptr<TicketKeys> tickets_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool look_now_ = false;                 // under mutex_
  bool ending_ = false;                   // under mutex_
  std::vector<Row<ListenerTls>> fronts_;  // under mutex_
  std::vector<Row<EndpointTls>> backs_;   // under mutex_
  std::thread thread_;
};

}  // namespace weir::tls
