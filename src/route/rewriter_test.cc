#include "route/rewriter.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::route {
namespace {

std::string path(const Rewrite& rewrite, std::string_view path, std::string_view query = "") {
  RequestView request;
  request.host = "shop.example.com";
  request.path = path;
  request.query = query;
  return Rewriter(rewrite).apply(request).path.value_or("same");
}

Rewrite prefix(std::string from, std::string to) {
  Rewrite rewrite;
  rewrite.path_prefix = std::move(from);
  rewrite.path = std::move(to);
  return rewrite;
}

Rewrite pattern(std::string from, std::string to) {
  Rewrite rewrite;
  rewrite.path_pattern = std::move(from);
  rewrite.path = std::move(to);
  return rewrite;
}

TEST(Rewriter, ReplacesAPrefixAtASlash) {
  EXPECT_EQ(path(prefix("/api", "/v2"), "/api/chat"), "/v2/chat");
  EXPECT_EQ(path(prefix("/api", "/v2"), "/api"), "/v2");
  EXPECT_EQ(path(prefix("/api", "/v2"), "/apix"), "same");
  EXPECT_EQ(path(prefix("/api", "/v2"), "/other/api"), "same");
}

TEST(Rewriter, TakesAPrefixOffWithoutDoubledSlashes) {
  EXPECT_EQ(path(prefix("/api", ""), "/api/chat"), "/chat");
  EXPECT_EQ(path(prefix("/api", "/"), "/api/chat"), "/chat");
  EXPECT_EQ(path(prefix("/api", ""), "/api"), "/");
  EXPECT_EQ(path(prefix("/api/", "/v2"), "/api/chat"), "/v2/chat");
  EXPECT_EQ(path(prefix("/api/", "/v2/"), "/api/chat"), "/v2/chat");
  EXPECT_EQ(path(prefix("/", "/v2"), "/chat"), "/v2/chat");
}

TEST(Rewriter, PutsWhatStarsTookIntoThePath) {
  EXPECT_EQ(path(pattern("/models/*/chat/*", "/$1/v1/$2"), "/models/m7/chat/a/b"), "/m7/v1/a/b");
  EXPECT_EQ(path(pattern("/models/*", "/$1/$1"), "/models/x"), "/x/x");
  EXPECT_EQ(path(pattern("/models/*", "/$$1"), "/models/x"), "/$1");
  EXPECT_EQ(path(pattern("/models/*", "/$1"), "/other/x"), "same");
}

TEST(Rewriter, FillsPlaceholders) {
  Rewrite rewrite;
  rewrite.path = "/#{host}/#{path}";
  EXPECT_EQ(path(rewrite, "/a/b"), "/shop.example.com/a/b");
}

TEST(Rewriter, FillsWhatTheClientSentOnce) {
  EXPECT_EQ(path(pattern("/*", "/x/$1"), "/$2/#{host}"), "/x/$2/#{host}");
}

TEST(Rewriter, LeavesTheStarOfOptionsAlone) {
  Rewrite rewrite;
  rewrite.path = "/x";
  EXPECT_EQ(path(rewrite, "*"), "same");
}

TEST(Rewriter, RewritesHostsThatMatch) {
  Rewrite rewrite;
  rewrite.host_pattern = "*.example.com";
  rewrite.host = "$1.internal:8080";
  RequestView request;
  request.path = "/";

  request.host = "Shop.Example.COM";
  EXPECT_EQ(Rewriter(rewrite).apply(request).host, "Shop.internal:8080");
  request.host = "other.test";
  EXPECT_EQ(Rewriter(rewrite).apply(request).host, std::nullopt);
  EXPECT_EQ(Rewriter(rewrite).apply(request).path, std::nullopt);
}

TEST(Rewriter, ReplacesTheFirstMatchOfAnExpression) {
  const auto regex = [](std::string from, std::string to) {
    Rewrite rewrite;
    rewrite.path_regex = std::move(from);
    rewrite.path = std::move(to);
    return rewrite;
  };
  EXPECT_EQ(path(regex("^/v([0-9]+)/(.*)$", "/$2/version-$1"), "/v12/chat"), "/chat/version-12");
  EXPECT_EQ(path(regex("/old", "/new"), "/a/old/old"), "/a/new/old");
  EXPECT_EQ(path(regex("^/api/", "/"), "/api/chat"), "/chat");
  EXPECT_EQ(path(regex("^/api/", "x"), "/api/chat"), "/xchat");
  EXPECT_EQ(path(regex("^/x$", "/y"), "/a"), "same");

  Rewrite host;
  host.host_regex = "^([a-z]+)\\.example\\.com$";
  host.host = "$1.inner";
  RequestView request;
  request.path = "/";
  request.host = "Shop.example.com";
  EXPECT_EQ(Rewriter(host).apply(request).host, "Shop.inner");
}

TEST(Rewriter, ReplacesTheQuery) {
  Rewrite rewrite;
  rewrite.query = "from=#{path}&#{query}";
  RequestView request;
  request.path = "/a";
  request.query = "b=c";

  EXPECT_EQ(Rewriter(rewrite).apply(request).query, "from=a&b=c");
}

}  // namespace
}  // namespace weir::route
