// Sealer: keeps secrets out of the state file: AES-256-GCM (NIST SP 800-38D) under a key that lies
// in a file of its own, so that a copy of the state file alone tells none of them.
//
// The key file has mode 0600, and one line: "weir-key-1 " and 64 hexadecimal digits. Immutable; any
// thread. Errors are complete: which file, what is wrong with it, and what to do.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::control {

// Fills it with bytes that nobody can guess.
using Entropy = std::function<void(std::span<unsigned char>)>;
// The system's, through OpenSSL.
void system_entropy(std::span<unsigned char> into);

class Sealer {
 public:
  // Blocks. `uid`: whom the file must belong to; root's is as good. Code::not_found: no such file.
  static Result<Sealer> load(const std::string& path, std::uint32_t uid);
  // Draws a key and writes it; on disk when it returns. Blocks. Code::conflict: there is a file.
  static Result<Sealer> create(const std::string& path, const Entropy& entropy);
  // In no file: for a store that keeps nothing.
  static Sealer draw(const Entropy& entropy);

  // Marks the key without telling it: what was sealed names it.
  const std::string& id() const { return id_; }
  // Text. `about` is not in it, and must be said again to open it.
  std::string seal(std::string_view secret, std::string_view about, const Entropy& entropy) const;
  // Code::conflict: sealed with another key; Code::invalid: changed since, or about something else.
  Result<std::string> open(std::string_view sealed, std::string_view about) const;
  // The id() of the key that it was sealed with; empty where that is no sealed text.
  static std::string sealed_by(std::string_view sealed);

 private:
  using Key = std::array<unsigned char, 32>;
  explicit Sealer(const Key& key);

  Key key_;
  std::string id_;
};

}  // namespace weir::control
