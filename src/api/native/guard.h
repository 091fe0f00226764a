// Guard: who may do what at the admin door. Pure; any thread.
//
// Reading is open on loopback. What changes anything, and what may hold secrets, needs the Unix
// socket (its owner, or root) or the bearer token. Host and Origin are checked, so that no web page
// can act through its visitor's browser: neither by a form, nor by rebinding a name of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::api {

// What a route asks for.
enum class Need : std::uint8_t {
  nothing,  // is it alive
  reading,
  owner,  // reading what may hold secrets: the configuration, logs
  change,
};

// The admin listener, as configured.
struct Door {
  std::string bind_host;                // of admin.bind, without port and brackets
  bool loopback = true;                 // it is a loopback address
  std::string token;                    // empty: none
  std::uint32_t uid = 0;                // of this process
  std::vector<std::string> hosts = {};  // admin.hosts
};

struct Caller {
  bool local = false;                            // over the Unix socket
  std::uint32_t uid = ~0u;                       // of the peer's process, if local
  std::string_view host;                         // of the Host header, without port and brackets
  std::string_view authority;                    // of the Host header, as sent
  std::vector<std::string_view> origins;         // Origin
  std::vector<std::string_view> authorizations;  // Authorization
  std::string_view fetch_site;                   // Sec-Fetch-Site
  std::string_view content_type;
  bool body = false;
};

struct Verdict {
  std::uint16_t status = 0;  // 0: come in; else refuse with it
  const char* code = "";
  const char* message = "";
  bool ok() const { return status == 0; }
};

Verdict judge(const Door& door, const Caller& caller, Need need);
// The part of it that keeps web pages out, for callers who show by other means who they are.
Verdict judge_page(const Door& door, const Caller& caller, Need need);

// Takes as long for any text of that length, so that a token can't be found byte by byte.
bool same_secret(std::string_view given, std::string_view secret);

// The token of a file that nobody else may read (mode 0600, owned by this user or root).
Result<std::string> read_token(const std::string& path, std::uint32_t uid);

}  // namespace weir::api
