#include "api/native/guard.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace weir::api {
namespace {

constexpr std::string_view kToken = "0123456789abcdef0123456789abcdef";
constexpr std::uint32_t kOwner = 1000;

Door door_with_token() { return Door{"127.0.0.1", true, std::string(kToken), kOwner}; }
Door door_without_token() { return Door{"127.0.0.1", true, "", kOwner}; }
Door open_door() { return Door{"weir.example", false, std::string(kToken), kOwner}; }

Caller local(std::uint32_t uid = kOwner) {
  Caller caller;
  caller.local = true;
  caller.uid = uid;
  caller.host = caller.authority = "localhost";
  return caller;
}

Caller remote() {
  Caller caller;
  caller.host = "127.0.0.1";
  caller.authority = "127.0.0.1:9901";
  return caller;
}

Caller with_token(std::string_view authorization) {
  Caller caller = remote();
  caller.authorizations = {authorization};
  return caller;
}

std::string bearer() { return "Bearer " + std::string(kToken); }

TEST(Guard, LetsAnyoneReadOnLoopback) {
  EXPECT_TRUE(judge(door_without_token(), remote(), Need::reading).ok());
  EXPECT_TRUE(judge(door_with_token(), remote(), Need::reading).ok());
}

TEST(Guard, LetsNobodyChangeAnythingOverTcpWithoutToken) {
  EXPECT_EQ(judge(door_without_token(), remote(), Need::change).status, 403);
  EXPECT_EQ(judge(door_with_token(), remote(), Need::change).status, 401);
  EXPECT_EQ(judge(door_with_token(), remote(), Need::owner).status, 401);
}

TEST(Guard, KeepsWebPagesOutWhoeverTheySayTheyAre) {
  Caller page = remote(), image = remote(), rebound = remote();
  page.origins = {"http://evil.test"};
  image.fetch_site = "cross-site";
  rebound.host = rebound.authority = "evil.test";

  for (const Caller& bad : {page, image, rebound}) {
    EXPECT_EQ(judge_page(door_without_token(), bad, Need::change).status, 403);
  }
  EXPECT_TRUE(judge_page(door_without_token(), remote(), Need::change).ok());
}

TEST(Guard, LetsTheTokenChangeThings) {
  const std::string value = bearer();

  EXPECT_TRUE(judge(door_with_token(), with_token(value), Need::change).ok());
  EXPECT_TRUE(judge(door_with_token(), with_token(value), Need::owner).ok());
}

TEST(Guard, RefusesAnythingButTheToken) {
  const std::string token(kToken);
  for (const std::string& value :
       {std::string(""), std::string("Bearer"), std::string("Bearer "), "Basic " + token, token,
        "Bearer " + token + "x", "Bearer " + token.substr(1), "Bearer \"" + token + "\"",
        "Bearer  " + token, std::string("Bearer ") + std::string(kToken.size(), '\0')}) {
    EXPECT_EQ(judge(door_with_token(), with_token(value), Need::change).status, 401) << value;
  }
}

TEST(Guard, RefusesTwoTokens) {
  const std::string value = bearer();
  Caller caller = with_token(value);
  caller.authorizations.push_back(value);

  EXPECT_EQ(judge(door_with_token(), caller, Need::change).status, 401);
}

TEST(Guard, TakesNoTokenWhereNoneIsConfigured) {
  EXPECT_EQ(judge(door_without_token(), with_token("Bearer "), Need::change).status, 403);
  EXPECT_FALSE(same_secret("", ""));
}

TEST(Guard, LetsTheOwnerAndRootUseTheSocket) {
  EXPECT_TRUE(judge(door_without_token(), local(), Need::change).ok());
  EXPECT_TRUE(judge(door_without_token(), local(0), Need::change).ok());
  EXPECT_TRUE(judge(door_without_token(), local(), Need::owner).ok());
}

TEST(Guard, RefusesOtherUsersOnTheSocket) {
  EXPECT_EQ(judge(door_with_token(), local(kOwner + 1), Need::change).status, 403);
  EXPECT_EQ(judge(door_with_token(), local(kOwner + 1), Need::reading).status, 403);
  EXPECT_EQ(judge(door_with_token(), local(~0u), Need::change).status, 403);
}

TEST(Guard, KnowsItsOwnHosts) {
  for (const char* host : {"127.0.0.1", "::1", "10.1.2.3", "localhost", "LOCALHOST"}) {
    Caller caller = remote();
    caller.host = host;
    EXPECT_TRUE(judge(door_with_token(), caller, Need::reading).ok()) << host;
  }
  Caller caller = remote();
  caller.host = "Weir.Example";
  EXPECT_TRUE(judge(open_door(), caller, Need::nothing).ok());
}

TEST(Guard, KnowsTheNamesOfItsConfigurationAndNoOthers) {
  Door door = door_with_token();
  door.hosts = {"weir.example.com", "lb"};
  for (const char* host : {"weir.example.com", "WEIR.example.COM", "lb"}) {
    Caller caller = remote();
    caller.host = host;
    EXPECT_TRUE(judge(door, caller, Need::reading).ok()) << host;
  }
  for (const char* host : {"", "evil.test", "example.com", "weir.example.com.evil.test", "lb.",
                           "x.lb", "weir.example.co"}) {
    Caller caller = remote();
    const std::string value = bearer();
    caller.authorizations = {value};
    caller.host = host;
    EXPECT_EQ(judge(door, caller, Need::change).status, 403) << host;
  }
}

TEST(Guard, RefusesReboundNames) {
  for (const char* host : {"", "evil.test", "127.0.0.1.evil.test", "localhost.evil.test",
                           "weir.example.evil.test", "localhost."}) {
    Caller caller = remote();
    const std::string value = bearer();
    caller.authorizations = {value};
    caller.host = host;
    EXPECT_EQ(judge(open_door(), caller, Need::change).status, 403) << host;
    EXPECT_EQ(judge(door_without_token(), caller, Need::reading).status, 403) << host;
  }
}

TEST(Guard, RefusesOtherOriginsEvenWithTheToken) {
  const std::string value = bearer();
  for (const char* origin : {"http://evil.test", "https://127.0.0.1:9901", "null", "",
                             "http://127.0.0.1:1", "http://127.0.0.1:99011", "127.0.0.1:9901"}) {
    Caller caller = with_token(value);
    caller.origins = {origin};
    EXPECT_EQ(judge(door_with_token(), caller, Need::change).status, 403) << origin;
    EXPECT_EQ(judge(door_with_token(), caller, Need::reading).status, 403) << origin;
  }
}

TEST(Guard, RefusesASecondOrigin) {
  const std::string value = bearer();
  Caller caller = with_token(value);
  caller.origins = {"http://127.0.0.1:9901", "http://evil.test"};

  EXPECT_EQ(judge(door_with_token(), caller, Need::change).status, 403);
}

TEST(Guard, LetsItsOwnPagesAct) {
  const std::string value = bearer();
  Caller caller = with_token(value);
  caller.origins = {"http://127.0.0.1:9901"};
  caller.fetch_site = "same-origin";
  caller.content_type = "application/json";
  caller.body = true;

  EXPECT_TRUE(judge(door_with_token(), caller, Need::change).ok());
}

TEST(Guard, RefusesWhatTheBrowserCallsCrossSite) {
  const std::string value = bearer();
  for (const char* site : {"cross-site", "same-site", "anything"}) {
    Caller caller = with_token(value);
    caller.fetch_site = site;
    EXPECT_EQ(judge(door_with_token(), caller, Need::change).status, 403) << site;
  }
}

TEST(Guard, RefusesTheTypesThatAFormCanSend) {
  for (const char* type :
       {"", "text/plain", "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json", "text/plain; application/json"}) {
    Caller caller = local();
    caller.body = true;
    caller.content_type = type;
    EXPECT_EQ(judge(door_without_token(), caller, Need::change).status, 415) << type;
  }
  Caller empty_form = local();
  empty_form.content_type = "text/plain";
  EXPECT_EQ(judge(door_without_token(), empty_form, Need::change).status, 415);
}

TEST(Guard, TakesJsonAndYaml) {
  for (const char* type : {"application/json", "application/json; charset=utf-8",
                           "Application/JSON", "application/yaml", "text/yaml"}) {
    Caller caller = local();
    caller.body = true;
    caller.content_type = type;
    EXPECT_TRUE(judge(door_without_token(), caller, Need::change).ok()) << type;
  }
  EXPECT_TRUE(judge(door_without_token(), local(), Need::change).ok());  // no body, no type
}

TEST(Guard, AsksForTheTokenEvenToReadWhereOthersCanReachIt) {
  const std::string value = bearer();

  EXPECT_EQ(judge(open_door(), remote(), Need::reading).status, 401);
  EXPECT_TRUE(judge(open_door(), remote(), Need::nothing).ok());
  EXPECT_TRUE(judge(open_door(), with_token(value), Need::reading).ok());
}

class TokenFile : public testing::Test {
 protected:
  TokenFile() {
    char name[] = "/tmp/weir-token-XXXXXX";
    folder_ = ::mkdtemp(name);
    path_ = folder_ / "token";
  }
  ~TokenFile() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& text, mode_t mode = 0600) {
    std::ofstream(path_) << text;
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

TEST_F(TokenFile, GivesTheTokenWithoutItsLineFeed) {
  write(std::string(kToken) + "\n");

  EXPECT_EQ(read_token(path_, ::geteuid()).value(), kToken);
}

TEST_F(TokenFile, IsRefusedWhereOthersMayReadIt) {
  for (const mode_t mode : {0640, 0604, 0644, 0620}) {
    write(std::string(kToken), mode);
    const auto token = read_token(path_, ::geteuid());
    ASSERT_FALSE(token) << mode;
    EXPECT_EQ(token.error().code, Code::denied);
    EXPECT_EQ(token.error().message.find(kToken), std::string::npos);
  }
}

TEST_F(TokenFile, IsRefusedWhenItIsTooShortMissingOrNoFile) {
  write("short\n");
  EXPECT_EQ(read_token(path_, ::geteuid()).error().code, Code::invalid);
  write(" \n");
  EXPECT_EQ(read_token(path_, ::geteuid()).error().code, Code::invalid);
  EXPECT_EQ(read_token(folder_, ::geteuid()).error().code, Code::invalid);
  EXPECT_EQ(read_token(folder_ / "none", ::geteuid()).error().code, Code::unavailable);
}

}  // namespace
}  // namespace weir::api
