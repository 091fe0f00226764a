#include "notify/notifier.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "notify/test_receiver.h"

namespace weir::notify {
namespace {

constexpr std::uint64_t kSeed = 7;
constexpr Pace kQuick{1ms, 2ms};

Event event(std::uint64_t id, EventKind kind = EventKind::launch, std::string group = "ocr") {
  Event made;
  made.id = id;
  made.kind = kind;
  made.group = std::move(group);
  return made;
}

class NotifierTells : public ::testing::Test {
 protected:
  ~NotifierTells() override { EXPECT_TRUE(loop_.run(notifier_.stop())); }

  Notification webhook(Names events = {"all"}) {
    Notification made;
    made.events = std::move(events);
    made.webhook.emplace().url = receiver_.url();
    return made;
  }
  NotifierStatus status(const std::string& name) {
    for (const NotifierStatus& one : notifier_.status()) {
      if (one.name == name) return one;
    }
    return {};
  }

  net::TestLoop loop_;
  Receiver receiver_{loop_};
  Notifier notifier_{loop_.reactor, nullptr, kSeed, kQuick};
};

TEST(Notification, WantsItsKindsOfItsGroups) {
  Notification one;
  EXPECT_TRUE(wants(one, event(1)));
  one.events = {"terminate", "alarm"};
  EXPECT_FALSE(wants(one, event(1)));
  EXPECT_TRUE(wants(one, event(1, EventKind::alarm)));
  one.scaling_groups = {"chat"};
  EXPECT_FALSE(wants(one, event(1, EventKind::alarm)));
  EXPECT_FALSE(wants(one, event(1, EventKind::alarm, "")));
  EXPECT_TRUE(wants(one, event(1, EventKind::alarm, "chat")));
  one.events = {"none"};
  EXPECT_FALSE(wants(one, event(1, EventKind::alarm, "chat")));
}

TEST_F(NotifierTells, EachEventInOrder) {
  notifier_.update({{"ops", webhook()}});

  for (std::uint64_t id = 1; id <= 5; ++id) notifier_.hear(event(id));

  ASSERT_TRUE(loop_.until([&] { return status("ops").delivered == 5; }));
  for (std::size_t i = 0; i < 5; ++i) {
    const std::string wanted = "Weir-Event-Id: " + std::to_string(i + 1) + "\r\n";
    EXPECT_NE(receiver_.requests[i].find(wanted), std::string::npos);
  }
}

TEST_F(NotifierTells, OthersWhileOneHangs) {
  notifier_.update({{"hangs", webhook({"terminate"})}, {"ops", webhook({"launch"})}});
  receiver_.answers = {""};
  notifier_.hear(event(1, EventKind::terminate));
  ASSERT_TRUE(loop_.until([&] { return receiver_.requests.size() == 1; }));

  notifier_.hear(event(2));

  EXPECT_TRUE(loop_.until([&] { return status("ops").delivered == 1; }));
  EXPECT_EQ(status("hangs").delivered, 0);
}

TEST_F(NotifierTells, NoMoreThanItsQueueHolds) {
  notifier_.update({{"ops", webhook()}});
  receiver_.answers = {""};
  notifier_.hear(event(1));
  ASSERT_TRUE(loop_.until([&] { return receiver_.requests.size() == 1; }));

  for (std::uint64_t id = 2; id < 2 + Notifier::kMostEvents + 3; ++id) notifier_.hear(event(id));

  EXPECT_EQ(status("ops").queued, Notifier::kMostEvents);
  EXPECT_EQ(status("ops").dropped, 3);
}

TEST_F(NotifierTells, NoMoreThanSoManyBytes) {
  notifier_.update({{"ops", webhook()}});
  receiver_.answers = {""};
  notifier_.hear(event(1));
  ASSERT_TRUE(loop_.until([&] { return receiver_.requests.size() == 1; }));
  Event large = event(2);
  large.cause = std::string(Notifier::kMostBytes / 4, 'x');

  for (int i = 0; i < 10; ++i) notifier_.hear(large);

  EXPECT_EQ(status("ops").queued, 3);
  EXPECT_EQ(status("ops").dropped, 7);
}

TEST_F(NotifierTells, HowItWentWhenItGivesUp) {
  Notification one = webhook();
  one.webhook->retries = 0;
  notifier_.update({{"ops", one}});
  receiver_.answers = {answer_of("404 Not Found")};

  notifier_.hear(event(1));

  ASSERT_TRUE(loop_.until([&] { return status("ops").failed == 1; }));
  EXPECT_EQ(status("ops").last_error, "it answered 404 Not Found");
  notifier_.hear(event(2));
  ASSERT_TRUE(loop_.until([&] { return status("ops").delivered == 1; }));
  EXPECT_EQ(status("ops").last_error, "");
}

TEST_F(NotifierTells, ACommandByItsInputAndItsVariables) {
  const std::string path = ::testing::TempDir() + "weir-notifier-out";
  std::remove(path.c_str());
  Notification one;
  one.command = {"sh", "-c", "{ echo $WEIR_EVENT $WEIR_GROUP $WEIR_EVENT_STATE; cat; } > " + path};
  notifier_.update({{"ops", one}});
  Event told = event(1, EventKind::alarm);
  told.details = {{"state", "ALARM"}};

  notifier_.hear(told);

  ASSERT_TRUE(loop_.until([&] { return status("ops").delivered == 1; }));
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, "alarm ocr ALARM\n" + to_json(told));
  std::remove(path.c_str());
}

TEST_F(NotifierTells, WhyACommandFailed) {
  Notification one;
  one.command = {"sh", "-c", "echo no route >&2; exit 4"};
  notifier_.update({{"ops", one}});

  notifier_.hear(event(1));

  ASSERT_TRUE(loop_.until([&] { return status("ops").failed == 1; }));
  EXPECT_EQ(status("ops").last_error, "exit status 4: no route");
}

TEST_F(NotifierTells, OneByNameThatWouldNotHearItOtherwise) {
  notifier_.update({{"named", webhook({"none"})}, {"all", webhook()}});
  const Event told = event(1);

  notifier_.hear(told);

  EXPECT_TRUE(notifier_.send("named", told));
  EXPECT_TRUE(notifier_.send("all", told));
  EXPECT_FALSE(notifier_.send("nobody", told));
  ASSERT_TRUE(loop_.until([&] { return receiver_.requests.size() == 2; }));
  ASSERT_TRUE(loop_.until([&] { return status("all").delivered == 1; }));
  EXPECT_EQ(receiver_.requests.size(), 2);
}

TEST_F(NotifierTells, NothingToOneThatWasTakenOut) {
  notifier_.update({{"ops", webhook()}});
  receiver_.answers = {""};
  notifier_.hear(event(1));
  notifier_.hear(event(2));
  ASSERT_TRUE(loop_.until([&] { return receiver_.requests.size() == 1; }));

  notifier_.update({});

  loop_.settle();
  EXPECT_TRUE(notifier_.status().empty());
  EXPECT_EQ(receiver_.requests.size(), 1);
}

}  // namespace
}  // namespace weir::notify
