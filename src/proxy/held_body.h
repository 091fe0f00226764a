// HeldBody: what has arrived of a request body, kept as long as a retry may need it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::proxy {

// What all requests of one worker hold together. Beyond the most, further bodies are not held:
// their requests are sent once. A body counts with its bytes. One of unknown length (chunked) takes
// up to twice that while it grows, and thrice for a moment.
struct BodyBudget {
  std::uint64_t most = 256 * 1024 * 1024;
  std::uint64_t used = 0;
};

// Lives on one worker.
class HeldBody {
 public:
  // `limit`: of this body. The budget outlives it.
  HeldBody(BodyBudget& budget, std::uint64_t limit) : budget_(budget), limit_(limit) {}
  HeldBody(const HeldBody&) = delete;
  HeldBody& operator=(const HeldBody&) = delete;
  ~HeldBody() { let_go(); }

  // So many bytes are to come in all: memory is set aside, and taken as they arrive.
  void expect(std::uint64_t length) {
    if (whole_ && fits(length)) bytes_.reserve(length);
  }
  // Keeps a piece, or lets all go where that would be too much. The first piece is kept in any
  // case: it is to be sent at least once.
  void append(std::string_view piece) {
    if (gone_) return;
    if (bytes_.size() + piece.size() > limit_ || budget_.used + piece.size() > budget_.most) {
      whole_ = false;
      if (!bytes_.empty()) return let_go();
    }
    bytes_.append(piece);
    budget_.used += piece.size();
  }
  // Nobody needs it any more, nor what still comes.
  void let_go() {
    budget_.used -= bytes_.size();
    bytes_ = std::string();
    gone_ = true;
    whole_ = false;
  }
  // All that has arrived is here: the request can be sent once more.
  bool whole() const { return whole_; }
  // Could a body of this length be held?
  bool fits(std::uint64_t length) const { return length <= limit_; }
  std::string_view bytes() const { return bytes_; }

 private:
  BodyBudget& budget_;
  std::uint64_t limit_;
  bool whole_ = true;
  bool gone_ = false;
  std::string bytes_;
};

}  // namespace weir::proxy
