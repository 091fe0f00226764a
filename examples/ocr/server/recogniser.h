// Recogniser: one Tesseract engine on one thread; pages wait in line and are read one at a time.
//
// The engine is a single model in memory and not re-entrant, as most model servers are: a second
// request does not make it faster, it only waits. Any thread may call; nothing here throws.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ocr {

struct Word {
  std::string text;
  float confidence = 0;  // 0..100
};

struct Reading {
  enum class Outcome { read, bad_image, no_model, stopping };
  Outcome outcome = Outcome::read;
  std::string problem;  // why, when the outcome is not `read`
  std::string text;
  int confidence = 0;  // mean over the words, 0..100
  std::vector<Word> words;
  std::chrono::microseconds waited{0};  // in line
  std::chrono::microseconds spent{0};   // on this page alone
};

class Recogniser {
 public:
  // Loads the model on the thread of its own; `state()` tells when that is done.
  explicit Recogniser(std::string language);
  ~Recogniser();
  Recogniser(const Recogniser&) = delete;
  Recogniser& operator=(const Recogniser&) = delete;

  enum class State { loading, ready, failed };
  State state() const;

  // The image as a file in memory: PNG, JPEG, PNM or TIFF. Also accepted while the model loads.
  std::future<Reading> submit(std::string image);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Job {
    std::string image;
    std::promise<Reading> answer;
    Time arrived;
  };

  void work(const std::string& language);

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> line_;
  State state_ = State::loading;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ocr
