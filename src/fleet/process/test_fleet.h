// For tests: a process provider with a real loop, its records in memory, its logs in a temporary
// folder; whatever it started is ended at the end, each by its pid.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "fleet/process/proc.h"
#include "fleet/process/process_provider.h"
#include "net/reactor.h"

namespace weir::fleet {

class TestFleet : public ::testing::Test {
 protected:
  TestFleet() {
    std::string pattern = ::testing::TempDir() + "weir-fleet-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    options_.patience = {
        .sweep = 20ms, .stray_grace = 200ms, .first_look = 2ms, .longest_look = 20ms};
  }

  ~TestFleet() override {
    if (!provider_) provider_ = open();
    for (const Live& live : provider_->list()) (void)provider_->terminate(live.instance, 0s);
    EXPECT_TRUE(until([&] { return provider_->list().empty(); }));
    close();
    std::filesystem::remove_all(folder_);
  }

  // Another weir on the same store: what is recorded, it finds.
  std::unique_ptr<ProcessProvider> open() {
    Surroundings surroundings{
        .reactor = reactor_,
        .store_id = store_,
        .logs = folder_ + "/logs",
        .first_port = first_port_,
        .last_port = last_port_,
        .devices = devices_,
        .record = [this](std::string id, std::string body) { return keep(id, body); },
        .forget = [this](const std::string& id) { records_.erase(id); },
        .recorded = records_,
    };
    auto provider = std::make_unique<ProcessProvider>(std::move(surroundings), options_);
    provider->on_exit = [this](const Exit& exit) { exits_.push_back(exit); };
    const Result<> started = provider->start();
    EXPECT_TRUE(started) << started.error().message;
    return provider;
  }
  void start() { provider_ = open(); }
  // As when weir ends: the instances live on.
  void close() {
    if (!provider_) return;
    Task<> stopping = provider_->stop();
    stopping.start();
    EXPECT_TRUE(until([&] { return stopping.done(); }));
    provider_.reset();
  }

  template <class T>
  T wait(Task<T> task) {
    task.start();
    EXPECT_TRUE(until([&] { return task.done(); }));
    return task.result();
  }
  template <class Condition>
  bool until(Condition condition, Duration limit = 10s) {
    const Time end = system_clock().now() + limit;
    while (!condition()) {
      if (system_clock().now() > end) return false;
      reactor_.turn(system_clock().now() + 2ms);
    }
    return true;
  }

  LaunchSpec shell(const std::string& script) const { return spec({"/bin/sh", "-c", script}); }
  LaunchSpec spec(Names command) const {
    LaunchSpec made;
    made.instance = "i-" + std::to_string(++count_);
    made.group = "ocr";
    made.launch.command = std::move(command);
    return made;
  }
  Live launch(LaunchSpec wanted) {
    Result<Live> live = wait(provider_->launch(std::move(wanted)));
    EXPECT_TRUE(live) << live.error().message;
    return live.value_or(Live());
  }
  // Waits for the end of an instance that is to end.
  Exit end_of(const std::string& id) {
    const auto is_it = [&](const Exit& exit) { return exit.instance == id; };
    EXPECT_TRUE(until([&] { return std::ranges::any_of(exits_, is_it); })) << id << " did not end";
    const auto it = std::ranges::find_if(exits_, is_it);
    return it == exits_.end() ? Exit() : *it;
  }
  std::vector<std::string> lines(const std::string& id) { return provider_->log_tail(id, 100); }
  // Waits until the instance has written so many lines.
  std::vector<std::string> lines(const std::string& id, std::size_t count) {
    EXPECT_TRUE(until([&] { return lines(id).size() >= count; })) << id << " wrote too little";
    return lines(id);
  }

  virtual Task<Result<>> keep(std::string id, std::string body) {
    records_[id] = body;
    co_return Result<>();
  }

  net::Reactor reactor_{system_clock()};
  std::string folder_;
  std::string store_ = "test-" + std::to_string(::getpid());
  // Tests run beside each other.
  std::uint16_t first_port_ = static_cast<std::uint16_t>(28000 + ::getpid() % 99 * 20);
  std::uint16_t last_port_ = static_cast<std::uint16_t>(first_port_ + 19);
  std::vector<std::string> devices_;
  ProcessProvider::Options options_;
  std::map<std::string, std::string> records_;
  std::vector<Exit> exits_;
  std::unique_ptr<ProcessProvider> provider_;
  mutable int count_ = 0;
};

}  // namespace weir::fleet
