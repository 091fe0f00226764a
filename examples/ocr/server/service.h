// Service: the HTTP face of a Recogniser, over libmicrohttpd with a thread for every connection.
//
//   POST /ocr      an image as the body -> {"text", "confidence", "words", "milliseconds", ...}
//   GET  /healthz  200 once the model is loaded, also while a page is being read
//
// Every connection has a thread, so that a line of pages never keeps a health check waiting.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "recogniser.h"

struct MHD_Daemon;

namespace ocr {

class Service {
 public:
  // Null when the address cannot be had; `problem` says why. Port 0 takes a free one.
  static std::unique_ptr<Service> start(const std::string& host, std::uint16_t port,
                                        Recogniser& recogniser, std::string& problem);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  std::uint16_t port() const;

  // Refuses new connections and returns when every request in work has been answered.
  void drain();

 private:
  struct Inside;
  explicit Service(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace ocr
