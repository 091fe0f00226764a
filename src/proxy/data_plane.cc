#include "proxy/data_plane.h"

#include <atomic>

#include "base/random.h"
#include "proxy/metrics.h"

namespace weir::proxy {

DataPlane::DataPlane(const Clock& clock, observe::Registry& registry, Options options)
    : common_{clock, std::move(options.hooks), std::move(options.access_log),
              [this](const Group& group) { return room(group); }, Commons(system_seed())} {
  for (std::uint32_t i = 0; i < options.workers; ++i) {
    workers_.push_back(
        std::make_unique<Worker>(common_, registry.sheet(), system_seed(), static_cast<int>(i)));
  }
}

DataPlane::~DataPlane() { stop(); }

void DataPlane::start() {
  for (auto& worker : workers_) worker->start();
}

std::shared_ptr<Room> DataPlane::room(const Group& group) {
  const std::lock_guard lock(mutex_);
  auto& known = rooms_[group.id];
  std::shared_ptr<Room> shared = known.lock();
  if (!shared) known = shared = std::make_shared<Room>(group.load);
  return shared;
}

void DataPlane::publish(std::shared_ptr<const Snapshot> snapshot,
                        const std::vector<ListenerSockets>& sockets, std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(rooms_, [](const auto& row) { return row.second.expired(); });
  }
  const std::size_t count = workers_.size();
  auto left = std::make_shared<std::atomic<std::size_t>>(count);
  for (std::size_t i = 0; i < count; ++i) {
    // Each descriptor has one worker, or each worker one descriptor, whichever there are more of.
    std::vector<Socket> mine;
    for (const ListenerSockets& listener : sockets) {
      const std::size_t fds = listener.fds.size();
      for (std::size_t k = 0; k < fds; ++k) {
        if (fds >= count ? k % count == i : i % fds == k) {
          mine.push_back(Socket{listener.listener, listener.fds[k], fds < count, listener.port});
        }
      }
    }
    Worker* worker = workers_[i].get();
    worker->post([worker, snapshot, mine = std::move(mine), left, then] {
      worker->apply(snapshot, mine);
      if (left->fetch_sub(1) == 1 && then) then();
    });
  }
}

void DataPlane::wake(const Group& group) { room(group)->wake(); }

void DataPlane::cut(std::shared_ptr<const Endpoint> endpoint) {
  for (auto& worker : workers_) {
    worker->post([w = worker.get(), endpoint] { w->cut(*endpoint); });
  }
}

void DataPlane::drain(std::function<void()> then, bool gently) {
  auto left = std::make_shared<std::atomic<std::size_t>>(workers_.size());
  for (auto& worker : workers_) {
    worker->post([w = worker.get(), left, then, gently] {
      w->drain(gently);
      if (left->fetch_sub(1) == 1 && then) then();
    });
  }
}

void DataPlane::count_connections(std::function<void(std::size_t)> then) {
  struct Sum {
    std::atomic<std::size_t> left, total{0};
  };
  auto sum = std::make_shared<Sum>();
  sum->left = workers_.size();
  for (auto& worker : workers_) {
    worker->post([w = worker.get(), sum, then] {
      sum->total += w->connections();
      if (sum->left.fetch_sub(1) == 1) then(sum->total);
    });
  }
}

void DataPlane::stop() {
  for (auto& worker : workers_) worker->join();
}

}  // namespace weir::proxy
