// Book: what one AWS service keeps of one tenant, in shelves; how that is stored and read again.
//
// To add a shelf to a service: a member of its book, and its line in `shelves`. To add a book:
//
//   struct ElbBook : BookOf<ElbBook> {
//     static constexpr std::string_view kService = "elbv2";
//     Shelf<elbv2::Rule> rules;  // by ARN
//     template <class Self, class Visit>
//     static void shelves(Self& self, Visit visit) {
//       visit("rule", self.rules);
//     }
//   };
//
// Lives on the control thread.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "api/aws/world/shelf.h"
#include "aws/type.h"
#include "base/result.h"
#include "state/store.h"

namespace weir::amazon {

// A resource as the store has it: {"made", "attributes", "tags", "value"}.
struct StoredParts {
  std::map<std::string, std::string> attributes;
  std::map<std::string, std::string> tags;
  WallTime made{};
};
std::string stored(const StoredParts& parts, const aws::Type& type, const void* value);
// Into a new struct of that type. Code::invalid: not what stored() wrote.
Result<StoredParts> read_stored(std::string_view body, const aws::Type& type, void* value);

class Book {
 public:
  virtual ~Book() = default;
  virtual std::string_view service() const = 0;
  virtual std::shared_ptr<Book> copy() const = 0;
  // What is to be written where `before` is in the store; null: nothing is.
  virtual void changes(const Book* before, const state::Tenant& tenant,
                       state::Change& change) const = 0;
  // A row of the store. False: it has no such shelf.
  virtual Result<bool> take(std::string_view shelf, const std::string& key,
                            std::string_view body) = 0;
};

inline constexpr const char* kOrigin = "aws";  // as control's Ownership has it
// The kind of a row: aws/elbv2/rule.
std::string row_kind(std::string_view service, std::string_view shelf);

template <class Self>
class BookOf : public Book {
 public:
  std::string_view service() const final { return Self::kService; }
  std::shared_ptr<Book> copy() const final { return std::make_shared<Self>(self()); }

  void changes(const Book* before, const state::Tenant& tenant, state::Change& change) const final {
    std::map<std::string_view, const void*> old;
    if (before != nullptr) {
      Self::shelves(static_cast<const Self&>(*before),
                    [&](std::string_view name, const auto& shelf) { old[name] = &shelf; });
    }
    Self::shelves(self(), [&](std::string_view name, const auto& shelf) {
      using Held = std::remove_cvref_t<decltype(shelf)>;
      static const Held kNone;
      const auto* was = old.contains(name) ? static_cast<const Held*>(old[name]) : &kNone;
      const auto key_of = [&](const std::string& key) {
        return state::Key{tenant, row_kind(Self::kService, name), key};
      };
      for (const auto& [key, kept] : shelf) {
        const auto known = was->items().find(key);
        if (known != was->items().end() && known->second == kept) continue;
        state::Resource row;
        row.key = key_of(key);
        row.body =
            stored({kept->attributes, kept->tags, kept->made}, type_of(&kept->value), &kept->value);
        row.origin = kOrigin;
        change.put.push_back(std::move(row));
      }
      for (const auto& [key, kept] : *was) {
        if (!shelf.contains(key)) change.remove.push_back(key_of(key));
      }
    });
  }

  Result<bool> take(std::string_view wanted, const std::string& key, std::string_view body) final {
    Result<bool> taken = false;
    Self::shelves(static_cast<Self&>(*this), [&](std::string_view name, auto& shelf) {
      if (name != wanted) return;
      Kept<typename std::remove_cvref_t<decltype(shelf)>::Value> kept;
      auto parts = read_stored(body, type_of(&kept.value), &kept.value);
      if (!parts) {
        taken = tl::unexpected(parts.error());
        return;
      }
      kept.attributes = std::move(parts->attributes);
      kept.tags = std::move(parts->tags);
      kept.made = parts->made;
      shelf.put(key, std::move(kept));
      taken = true;
    });
    return taken;
  }

 private:
  const Self& self() const { return static_cast<const Self&>(*this); }
};

// The books of one tenant. Copying shares them; what is edited is copied first.
class Books {
 public:
  template <class B>
  const B& get() const {
    static const B kNone;
    const auto found = all_.find(B::kService);
    return found == all_.end() ? kNone : static_cast<const B&>(*found->second);
  }
  // To be changed. The reference is good for as long as these books are.
  template <class B>
  B& edit() {
    auto& mine = edited_[B::kService];
    if (!mine) {
      const auto found = all_.find(B::kService);
      mine = found == all_.end() ? std::make_shared<B>() : found->second->copy();
      all_[B::kService] = mine;
    }
    return static_cast<B&>(*mine);
  }
  void add(std::shared_ptr<Book> book) { all_[book->service()] = std::move(book); }
  const std::map<std::string_view, std::shared_ptr<const Book>>& all() const { return all_; }
  // What is edited from now on is copied anew.
  void settle() { edited_.clear(); }

 private:
  std::map<std::string_view, std::shared_ptr<const Book>> all_;  // by service
  std::map<std::string_view, std::shared_ptr<Book>> edited_;
};

}  // namespace weir::amazon
