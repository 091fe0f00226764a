#include "tls/keeper.h"

#include <pthread.h>

namespace weir::tls {

Keeper::Keeper(const Clock& clock)
    : clock_(clock), tickets_(std::make_shared<TicketKeys>(clock.now())) {}

Keeper::~Keeper() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

template <class T, class Options, class... A>
Read<std::shared_ptr<const TlsBase>> Keeper::known(std::vector<Row<Options>>& rows,
                                                   const std::string& name, const Options& options,
                                                   A... more) {
  {
    const std::lock_guard lock(mutex_);
    for (const Row<Options>& row : rows) {
      if (row.name == name && row.options == options) return row.kept;
    }
  }
  TRY(std::shared_ptr<T> made, T::make(name, options, more...));
  const std::lock_guard lock(mutex_);
  rows.push_back(Row<Options>{name, options, made});
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  return std::shared_ptr<const TlsBase>(std::move(made));
}

Read<std::shared_ptr<const TlsBase>> Keeper::front(const std::string& listener,
                                                   const ListenerTls& options) {
  return known<Front>(fronts_, listener, options, tickets_);
}

Read<std::shared_ptr<const TlsBase>> Keeper::back(const std::string& group,
                                                  const EndpointTls& options) {
  return known<Back>(backs_, group, options);
}

void Keeper::drop_unused() {
  const std::lock_guard lock(mutex_);
  const auto unused = [](const auto& row) { return row.kept.use_count() == 1; };
  std::erase_if(fronts_, unused);
  std::erase_if(backs_, unused);
}

void Keeper::look() {
  {
    const std::lock_guard lock(mutex_);
    look_now_ = true;
  }
  wake_.notify_all();
}

void Keeper::run() {
  ::pthread_setname_np(::pthread_self(), "weir-tls");
  std::unique_lock lock(mutex_);
  while (!ending_) {
    wake_.wait_for(lock, kLook, [this] { return ending_ || look_now_; });
    look_now_ = false;
    if (ending_) return;
    std::vector<std::shared_ptr<Kept>> all;
    for (const auto& row : fronts_) all.push_back(row.kept);
    for (const auto& row : backs_) all.push_back(row.kept);
    lock.unlock();
    for (const auto& one : all) one->look();
    tickets_->renew(clock_.now());
    all.clear();
    lock.lock();
  }
}

}  // namespace weir::tls
