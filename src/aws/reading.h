// Reading: what a decoder found that is no value of the model. Lives for one call.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "aws/shape.h"

namespace weir::aws {

inline constexpr int kDeepest = 64;  // levels of structures in each other
inline constexpr std::size_t kMostComplaints = 50;
// Values in one body: a body of 16 MiB may hold ten times as many, at 100 bytes of memory each.
inline constexpr std::size_t kMostValues = 1'000'000;

struct Reading {
  std::vector<std::string> malformed;  // sentences; the first kMostComplaints of them
  std::size_t unknown = 0;             // members that the model does not know: ignored
  std::string first_unknown;

  void complain(std::string_view path, Kind wanted);
  void ignore(std::string_view name);
};

// The place in the input as AWS names it: tags.1.member.key.
class Path {
 public:
  std::string_view text() const { return text_; }

  // Adds a step for as long as it lives.
  class Step {
   public:
    Step(Path& path, std::string_view name) : path_(path), before_(path.text_.size()) {
      if (!path.text_.empty()) path.text_ += '.';
      path.text_ += name;
    }
    // A member: its first letter is small.
    static Step member(Path& path, std::string_view name);
    static Step item(Path& path, std::size_t number);  // from 1
    ~Step() { path_.text_.resize(before_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Path& path_;
    std::size_t before_;
  };

 private:
  std::string text_;
};

}  // namespace weir::aws
