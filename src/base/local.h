// Local<T>: a counted pointer for objects of one thread. No atomic operation; T derives from
// Counted.
#pragma once

#include <cstdint>
#include <utility>

namespace weir {

class Counted {
 public:
  Counted() = default;
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  template <class T>
  friend class Local;
  std::uint32_t count_ = 0;
};

template <class T>
class Local {
 public:
  Local() = default;
  explicit Local(T* object) : object_(object) {
    if (object_) ++object_->count_;
  }
  Local(const Local& other) : Local(other.object_) {}
  Local(Local&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Local& operator=(Local other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Local() {
    if (object_ && --object_->count_ == 0) delete object_;
  }

  T* get() const { return object_; }
  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  void reset() { Local().swap(*this); }
  void swap(Local& other) noexcept { std::swap(object_, other.object_); }
  std::uint32_t use_count() const { return object_ ? object_->count_ : 0; }

 private:
  T* object_ = nullptr;
};

template <class T, class... A>
Local<T> make_local(A&&... arguments) {
  return Local<T>(new T(std::forward<A>(arguments)...));
}

}  // namespace weir
