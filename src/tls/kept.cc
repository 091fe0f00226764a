#include "tls/kept.h"

#include "base/log.h"

namespace weir::tls {

Read<bool> Kept::start(Make make) {
  make_ = std::move(make);
  stamp_ = stamp_of(files_);
  TRY(ctx_, make_());
  return true;
}

void Kept::look() {
  const std::string stamp = stamp_of(files_);
  if (stamp == stamp_) return;
  stamp_ = stamp;
  auto made = make_();
  if (!made) {
    LOG(error, "new certificates not taken, the old ones stay", {"for", what_},
        {"key", made.error().key}, {"error", made.error().what});
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    ctx_.swap(*made);
  }
  LOG(info, "certificates read anew", {"for", what_});
}

Ctx Kept::current() const {
  const std::lock_guard lock(mutex_);
  SSL_CTX_up_ref(ctx_.get());
  return Ctx(ctx_.get());
}

}  // namespace weir::tls
