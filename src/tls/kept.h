// Kept: an SSL_CTX made of files, made anew when they change; what it served goes on with the old
// one. Base of Front and Back. Any thread.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "model/snapshot.h"
#include "tls/material.h"
#include "tls/openssl.h"

namespace weir::tls {

class Kept : public TlsBase {
 public:
  using Make = std::function<Read<Ctx>()>;

  // Looks whether the files have changed. Files that are no good leave the old ones in use, and
  // the log says so. Blocks.
  void look();
  // Counted for the caller.
  Ctx current() const;

 protected:
  // `what` is for the log: "listener public".
  Kept(std::string what, std::vector<std::string> files)
      : what_(std::move(what)), files_(std::move(files)) {}
  Read<bool> start(Make make);

 private:
  const std::string what_;
  const std::vector<std::string> files_;
  Make make_;
  std::string stamp_;  // of the files last tried; used by one thread at a time
  mutable std::mutex mutex_;
  Ctx ctx_;  // under mutex_
};

}  // namespace weir::tls
