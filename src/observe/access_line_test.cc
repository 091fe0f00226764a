#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "observe/access_record.h"

namespace weir::observe {
namespace {

AccessRecord sample() {
  AccessRecord record;
  // 2026-11-21 06:25:00.123456 UTC
  record.time = WallTime(1795242300s + 123456us);
  record.listener = "public";
  record.client = "192.0.2.7:2817";
  record.method = "POST";
  record.target = "/ocr?page=1";
  record.protocol = "HTTP/1.1";
  record.host = "models.example:8080";
  record.user_agent = "curl/7.46.0";
  record.request_id = "id-1";
  record.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  record.group = "ocr";
  record.endpoint = "10.0.0.1:8081";
  record.status = 200;
  record.endpoint_status = 200;
  record.bytes_in = 34;
  record.bytes_out = 366;
  record.waited = 250ms;
  record.first_byte = 1250ms;
  record.total = 2s;
  record.attempts = 2;
  record.action = "forward";
  record.reason = "fewest in flight";
  return record;
}

std::string json(const AccessRecord& record) {
  std::string out;
  append_json_line(out, record);
  return out;
}

// The fields of an ALB line, quotes taken off.
std::vector<std::string> alb(const AccessRecord& record) {
  std::string line;
  append_alb_line(line, record);
  EXPECT_EQ(line.back(), '\n');
  line.pop_back();
  EXPECT_EQ(line.find('\n'), std::string::npos);
  std::vector<std::string> fields(1);
  bool in_quotes = false;
  for (const char c : line) {
    if (c == '"') {
      in_quotes = !in_quotes;
    } else if (c == ' ' && !in_quotes) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  EXPECT_FALSE(in_quotes);
  return fields;
}

TEST(JsonLine, TellsEverythingOfARequest) {
  EXPECT_EQ(json(sample()),
            R"({"time":"2026-11-21T06:25:00.123Z","listener":"public","client":"192.0.2.7:2817",)"
            R"("method":"POST","target":"/ocr?page=1","protocol":"HTTP/1.1",)"
            R"("host":"models.example:8080","user_agent":"curl/7.46.0","request_id":"id-1",)"
            R"("trace":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","group":"ocr",)"
            R"("endpoint":"10.0.0.1:8081","status":200,"endpoint_status":200,"bytes_in":34,)"
            R"("bytes_out":366,"waited_seconds":0.250000,"first_byte_seconds":1.250000,)"
            R"("total_seconds":2.000000,"attempts":2,"action":"forward",)"
            R"("reason":"fewest in flight","cut":false})"
            "\n");
}

TEST(JsonLine, LeavesEmptyTextsOut) {
  AccessRecord record;
  record.status = 400;
  record.action = "refused";

  EXPECT_EQ(json(record),
            R"({"time":"1970-01-01T00:00:00.000Z","status":400,"endpoint_status":0,"bytes_in":0,)"
            R"("bytes_out":0,"waited_seconds":0.000000,"first_byte_seconds":0.000000,)"
            R"("total_seconds":0.000000,"attempts":0,"action":"refused","cut":false})"
            "\n");
}

TEST(JsonLine, StaysOneObjectWhateverAClientSends) {
  AccessRecord record = sample();
  record.user_agent = "\"}\n{\"a\":\"b\\\x80\x01";

  const std::string line = json(record);

  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_NE(line.find(R"("user_agent":"\"}\n{\"a\":\"b\\)"), std::string::npos) << line;
}

TEST(AlbLine, HasTheFieldsOfALoadBalancerInTheirOrder) {
  const std::vector<std::string> expected = {
      "http",                         // type
      "2026-11-21T06:25:02.123456Z",  // time: the end
      "public",                       // elb
      "192.0.2.7:2817",               // client:port
      "10.0.0.1:8081",                // target:port
      "0.250",                        // request_processing_time
      "1.000",                        // target_processing_time
      "0.000",                        // response_processing_time
      "200",                          // elb_status_code
      "200",                          // target_status_code
      "34",                           // received_bytes
      "366",                          // sent_bytes
      "POST http://models.example:8080/ocr?page=1 HTTP/1.1",
      "curl/7.46.0",                                              // user_agent
      "-",                                                        // ssl_cipher
      "-",                                                        // ssl_protocol
      "ocr",                                                      // target_group_arn
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",  // trace_id
      "-",                                                        // domain_name
      "-",                                                        // chosen_cert_arn
      "-",                                                        // matched_rule_priority
      "2026-11-21T06:25:00.123456Z",                              // request_creation_time
      "forward",                                                  // actions_executed
      "-",                                                        // redirect_url
      "-",                                                        // error_reason
      "10.0.0.1:8081",                                            // target:port_list
      "200",                                                      // target_status_code_list
      "-",                                                        // classification
      "-",                                                        // classification_reason
      "-",                                                        // conn_trace_id
  };

  EXPECT_EQ(alb(sample()), expected);
}

TEST(AlbLine, HasMinusOneForTimesThatNeverCame) {
  AccessRecord refused;
  refused.status = 400;
  refused.action = "refused";
  refused.reason = "a bad method";
  AccessRecord silent = sample();
  silent.first_byte = 0ns;
  silent.status = 504;
  silent.endpoint_status = 0;

  const auto none = alb(refused);
  const auto asked = alb(silent);

  EXPECT_EQ(std::vector(none.begin() + 3, none.begin() + 10),
            (std::vector<std::string>{"-", "-", "-1", "-1", "-1", "400", "-"}));
  EXPECT_EQ(none[12], "- - -");
  EXPECT_EQ(none[22], "-");
  EXPECT_EQ(none[24], "a bad method");
  EXPECT_EQ(std::vector(asked.begin() + 5, asked.begin() + 10),
            (std::vector<std::string>{"0.250", "-1", "-1", "504", "-"}));
}

TEST(AlbLine, WritesAnAbsoluteTargetAsItCame) {
  AccessRecord record = sample();
  record.target = "http://models.example/ocr";

  EXPECT_EQ(alb(record)[12], "POST http://models.example/ocr HTTP/1.1");
}

TEST(AlbLine, KeepsItsFieldsWhateverAClientSends) {
  AccessRecord record = sample();
  record.user_agent = "a\"b\\c\nd\xc3\xa9";
  record.host = "a \"b";
  record.client = "un ix\n";

  const auto fields = alb(record);

  EXPECT_EQ(fields.size(), 30u);
  EXPECT_EQ(fields[3], "un_ix_");
  EXPECT_EQ(fields[12], "POST http://a \\x22b/ocr?page=1 HTTP/1.1");
  EXPECT_EQ(fields[13], "a\\x22b\\x5Cc\\x0Ad\\xC3\\xA9");
}

AccessRecord connection() {
  AccessRecord record = sample();
  record.connection = true;
  record.method = record.target = record.user_agent = record.request_id = record.trace = "";
  record.protocol = "TLS";
  record.host = "models.example";
  record.alpn = "h2";
  return record;
}

TEST(NlbLine, HasTheFieldsOfANetworkLoadBalancer) {
  std::string line;
  append_nlb_line(line, connection());

  EXPECT_EQ(line,
            "tls 2.0 2026-11-21T06:25:02 - public 192.0.2.7:2817 10.0.0.1:8081 2000 - 34 366 "
            "- - - - - - models.example - - h2 2026-11-21T06:25:00\n");
}

TEST(NlbLine, LetsNoFieldEndTheLine) {
  AccessRecord record = connection();
  record.alpn = "a b\n\"c";
  std::string line;
  append_nlb_line(line, record);

  EXPECT_NE(line.find(" a_b__c "), line.npos);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

TEST(JsonLine, TellsWhatAConnectionOffered) {
  EXPECT_NE(json(connection()).find("\"alpn\":\"h2\""), std::string::npos);
  EXPECT_EQ(json(sample()).find("alpn"), std::string::npos);
}

}  // namespace
}  // namespace weir::observe
