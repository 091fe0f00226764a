// AWS's own cases (tests/fixtures/aws/sigv4), and what a verifier must refuse.
#include "aws/sigv4.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "aws/canonical.h"
#include "aws/digest.h"

namespace weir::aws {
namespace {

namespace fs = std::filesystem;
using Kind = SignatureFault::Kind;

const SigningKey kKey{"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const WallTime kNow(1'440'938'160s);  // 20150830T123600Z

fs::path cases() { return fs::path(WEIR_SOURCE_DIR) / "tests/fixtures/aws/sigv4"; }

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  std::string all = text.str();
  std::erase(all, '\r');
  return all;
}

// A request as the cases write it: lines, folded headers, a body after an empty line.
WireRequest parse(const std::string& text) {
  WireRequest request;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  request.method = line.substr(0, first);
  const std::string target = line.substr(first + 1, last - first - 1);
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  while (std::getline(lines, line) && !line.empty()) {
    if (line.starts_with(' ')) {
      request.headers.back().value += "\n" + line;
      continue;
    }
    const auto colon = line.find(':');
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    request.headers.push_back({name, line.substr(line.find_first_not_of(' ', colon + 1))});
  }
  request.body.assign(std::istreambuf_iterator<char>(lines), {});
  return request;
}

std::vector<fs::path> stems() {
  std::vector<fs::path> all;
  for (const auto& entry : fs::recursive_directory_iterator(cases())) {
    if (entry.path().extension() == ".req")
      all.push_back(fs::path(entry.path()).replace_extension());
  }
  std::sort(all.begin(), all.end());
  return all;
}

class Vectors : public testing::TestWithParam<fs::path> {};

TEST_P(Vectors, AreSignedAsAwsDoes) {
  const auto file = [](const char* end) { return read(GetParam().string() + end); };
  WireRequest request = parse(file(".sreq"));
  // That of get-vanilla-with-session-token is another request's there.
  std::erase_if(request.headers, [](const Header& h) { return h.name == "authorization"; });
  request.headers.push_back({"authorization", file(".authz")});

  const auto signature = read_signature(request);

  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_EQ(signature->region, "us-east-1");
  EXPECT_EQ(signature->service, "service");
  const std::string payload = sha256_hex(request.body);
  EXPECT_EQ(canonical_request(request, signature->signed_headers, payload, false), file(".creq"));
  EXPECT_EQ(string_to_sign(request, *signature, payload), file(".sts"));
  SigningKey key = kKey;
  key.session_token = signature->session_token.value_or("");
  const auto fault = check_signature(request, *signature, key, kNow);
  EXPECT_FALSE(fault) << fault->message;
}

std::string title(const testing::TestParamInfo<fs::path>& about) {
  std::string name = about.param.filename().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Aws, Vectors, testing::ValuesIn(stems()), title);

TEST(SigV4, HasAllVectors) { EXPECT_EQ(stems().size(), 34u); }

// ---------------------------------------------------------------- requests of our own

WireRequest plain() {
  WireRequest request;
  request.method = "POST";
  request.path = "/";
  request.headers = {{"host", "127.0.0.1:9901"},
                     {"content-type", "application/x-www-form-urlencoded"},
                     {"x-amz-date", "20150830T123600Z"}};
  request.body = "Action=GetCallerIdentity&Version=2011-06-15";
  return request;
}

// With an Authorization header over these headers.
WireRequest with_signature(WireRequest request, std::string names = "content-type;host;x-amz-date",
                           const std::string& payload = {}) {
  request.headers.push_back(
      {"authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-north-1/sts/aws4_request, "
       "SignedHeaders=" +
           names + ", Signature=0"});
  auto signature = read_signature(request);
  if (!signature) return request;
  const std::string text =
      string_to_sign(request, *signature, payload.empty() ? sha256_hex(request.body) : payload);
  std::string& value = request.headers.back().value;
  value.pop_back();
  value += sign(*signature, kKey.secret, text);
  return request;
}

std::optional<SignatureFault> judged(const WireRequest& request, WallTime now = kNow,
                                     const SigningKey& key = kKey) {
  const auto signature = read_signature(request);
  if (!signature) return signature.error();
  return check_signature(request, *signature, key, now);
}

std::optional<Kind> kind_of(const std::optional<SignatureFault>& fault) {
  return fault ? std::optional(fault->kind) : std::nullopt;
}

TEST(SigV4, TakesWhatIsSignedWithTheKey) {
  const WireRequest request = with_signature(plain());

  EXPECT_EQ(kind_of(judged(request)), std::nullopt);
  EXPECT_EQ(read_signature(request)->access_key_id, "AKIDEXAMPLE");
  EXPECT_EQ(read_signature(request)->region, "eu-north-1");
  EXPECT_EQ(read_signature(request)->service, "sts");
}

TEST(SigV4, RefusesAnotherSecret) {
  EXPECT_EQ(kind_of(judged(with_signature(plain()), kNow, {"another", ""})), Kind::mismatch);
}

TEST(SigV4, RefusesWhatWasChangedOnTheWay) {
  const WireRequest good = with_signature(plain());
  WireRequest body = good, path = good, query = good, method = good, host = good, hash = good;
  body.body += "&X=1";
  path.path = "/x";
  query.query = "a=b";
  method.method = "GET";
  host.headers[0].value = "127.0.0.1:9902";
  hash.headers.push_back({"x-amz-content-sha256", "UNSIGNED-PAYLOAD"});

  for (const WireRequest& each : {body, path, query, method, host, hash}) {
    EXPECT_EQ(kind_of(judged(each)), Kind::mismatch);
  }
}

TEST(SigV4, LetsOtherHeadersBeUnsigned) {
  WireRequest request = with_signature(plain());
  request.headers.push_back({"user-agent", "x"});
  request.headers.push_back({"x-amz-target", "GraniteServiceVersion20100801.ListMetrics"});

  EXPECT_EQ(kind_of(judged(request)), std::nullopt);
}

TEST(SigV4, NeedsHostAndDateSigned) {
  const auto host = judged(with_signature(plain(), "content-type;x-amz-date"));
  const auto date = judged(with_signature(plain(), "content-type;host"));

  EXPECT_EQ(kind_of(host), Kind::mismatch);
  EXPECT_NE(host->message.find("'Host'"), std::string::npos);
  EXPECT_EQ(kind_of(date), Kind::mismatch);
  EXPECT_NE(date->message.find("'X-Amz-Date'"), std::string::npos);
}

TEST(SigV4, AllowsAQuarterOfAnHourEitherWay) {
  const WireRequest request = with_signature(plain());

  EXPECT_EQ(kind_of(judged(request, kNow + 15min)), std::nullopt);
  EXPECT_EQ(kind_of(judged(request, kNow - 15min)), std::nullopt);
  EXPECT_EQ(judged(request, kNow + 15min + 1s)->message,
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z "
            "(20150830T125101Z - 15 min.)");
  EXPECT_EQ(judged(request, kNow - 15min - 1s)->message,
            "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z "
            "(20150830T122059Z + 15 min.)");
}

TEST(SigV4, ChecksTheHashThatIsGiven) {
  WireRequest right = plain(), wrong = plain(), open = plain(), chunks = plain();
  right.headers.push_back({"x-amz-content-sha256", sha256_hex(right.body)});
  wrong.headers.push_back({"x-amz-content-sha256", sha256_hex("other")});
  open.headers.push_back({"x-amz-content-sha256", "UNSIGNED-PAYLOAD"});
  chunks.headers.push_back({"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"});
  open = with_signature(open, "host;x-amz-date", "UNSIGNED-PAYLOAD");
  open.body = "something else";

  EXPECT_EQ(kind_of(judged(with_signature(right))), std::nullopt);
  EXPECT_EQ(kind_of(judged(with_signature(wrong))), Kind::mismatch);
  EXPECT_EQ(kind_of(judged(open)), std::nullopt);
  EXPECT_EQ(kind_of(judged(with_signature(chunks))), Kind::incomplete);
}

TEST(SigV4, ComparesTheSessionToken) {
  WireRequest request = plain();
  request.headers.push_back({"x-amz-security-token", "token"});
  request = with_signature(request, "host;x-amz-date;x-amz-security-token");
  const SigningKey session{kKey.secret, "token"};

  EXPECT_EQ(kind_of(judged(request, kNow, session)), std::nullopt);
  EXPECT_EQ(kind_of(judged(request, kNow, {kKey.secret, "other"})), Kind::unknown_key);
  EXPECT_EQ(kind_of(judged(request)), Kind::unknown_key);
  EXPECT_EQ(kind_of(judged(with_signature(plain()), kNow, session)), Kind::unknown_key);
}

TEST(SigV4, TellsWhatIsMissing) {
  WireRequest nothing = plain(), other = plain(), parts = plain();
  other.headers.push_back({"authorization", "Bearer x"});
  parts.headers.push_back({"authorization", "AWS4-HMAC-SHA256 Credential=AKID/x"});

  EXPECT_EQ(kind_of(judged(nothing)), Kind::missing);
  EXPECT_EQ(judged(other)->message,
            "Unsupported AWS 'algorithm': 'Bearer' (only AWS4-HMAC-SHA256 for now).");
  EXPECT_EQ(judged(parts)->message,
            "Authorization header requires 'Signature' parameter. Authorization header requires "
            "'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256");
}

TEST(SigV4, RefusesADateThatIsNotTheScopes) {
  WireRequest request = plain();
  request.headers[2].value = "20150831T123600Z";

  EXPECT_EQ(kind_of(judged(with_signature(request))), Kind::mismatch);
  request.headers[2].value = "2015-08-30";
  EXPECT_EQ(kind_of(judged(with_signature(request))), Kind::incomplete);
}

TEST(SigV4, TakesAnyWordForARegion) {
  for (const char* region : {"us-east-1", "local", "my-lab-7"}) {
    WireRequest request = plain();
    request.headers.push_back(
        {"authorization", std::string("AWS4-HMAC-SHA256 Credential=A/20150830/") + region +
                              "/sts/aws4_request, SignedHeaders=host;x-amz-date, "
                              "Signature=0"});
    EXPECT_EQ(read_signature(request)->region, region);
  }
  for (const char* region : {"us:east", "US", "a b", ""}) {
    WireRequest request = plain();
    request.headers.push_back(
        {"authorization", std::string("AWS4-HMAC-SHA256 Credential=A/20150830/") + region +
                              "/sts/aws4_request, SignedHeaders=host;x-amz-date, "
                              "Signature=0"});
    EXPECT_FALSE(read_signature(request)) << region;
  }
}

WireRequest presigned(const std::string& expires) {
  WireRequest request;
  request.method = "GET";
  request.path = "/";
  request.headers = {{"host", "127.0.0.1:9901"}};
  request.query =
      "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
      "&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fsts%2Faws4_request"
      "&X-Amz-Date=20150830T123600Z&X-Amz-Expires=" +
      expires + "&X-Amz-SignedHeaders=host";
  WireRequest unsigned_one = request;
  unsigned_one.query += "&X-Amz-Signature=0";
  const auto signature = read_signature(unsigned_one);
  const std::string hex =
      signature ? sign(*signature, kKey.secret, string_to_sign(request, *signature, sha256_hex("")))
                : "0";
  request.query += "&X-Amz-Signature=" + hex;
  return request;
}

TEST(SigV4, TakesAPresignedUrlAsLongAsItSays) {
  const WireRequest request = presigned("3600");

  EXPECT_EQ(kind_of(judged(request)), std::nullopt);
  EXPECT_EQ(kind_of(judged(request, kNow + 1h)), std::nullopt);
  EXPECT_EQ(kind_of(judged(request, kNow + 1h + 1s)), Kind::expired);
  EXPECT_EQ(kind_of(judged(request, kNow - 16min)), Kind::mismatch);
}

TEST(SigV4, RefusesAPresignedUrlThatWasChanged) {
  WireRequest request = presigned("60");
  request.query += "&More=1";

  EXPECT_EQ(kind_of(judged(request)), Kind::mismatch);
}

TEST(SigV4, LimitsPresignedUrlsToAWeek) {
  EXPECT_EQ(kind_of(judged(presigned("604800"), kNow + 7 * 24h)), std::nullopt);
  for (const char* bad : {"604801", "0", "-1", "", "9999999999", "1h"}) {
    EXPECT_EQ(kind_of(judged(presigned(bad))), Kind::incomplete) << bad;
  }
}

}  // namespace
}  // namespace weir::aws
