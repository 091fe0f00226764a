// World: the AWS resources of all tenants, and how they become weir's desired state.
//
// A service keeps its resources in a book (world/book.h). An operation that changes something:
//
//   auto turn = context.world.change(context.tenant);
//   Draft draft = co_await turn;                    // others wait for their turn meanwhile
//   auto& book = draft.books().edit<ElbBook>();
//   ... book.rules.put(arn, ...);
//   CO_TRY_VOID(co_await draft.commit());           // or nothing is changed
//
// commit() compiles the books of all tenants (compilers.def: a function for each service that says
// what its resources are within weir), has control validate and apply the result, and stores the
// books in the same transaction. What does not change the desired state is stored alone.
//
// Lives on the control thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/aws/context.h"
#include "api/aws/world/book.h"
#include "aws/fault.h"
#include "base/task.h"
#include "control/control.h"
#include "control/turns.h"

namespace weir::amazon {

class World;

// What the resources of a tenant are within weir. `fault`: why they can't be that.
struct Compiled {
  Desired desired;
  std::vector<aws::Fault> faults;
};

// What a compiler sees. It writes listeners, target groups, scaling groups and alarms.
struct Compiling {
  const World& world;
  const Tenant& tenant;
  const Books& books;
  Compiled& out;
};

// A change under way. Its end without commit() leaves everything as it was.
class Draft {
 public:
  Draft(World& world, Tenant tenant);
  Draft(Draft&& other) noexcept;
  Draft& operator=(Draft&&) = delete;
  ~Draft();

  Books& books() { return books_; }
  // Once. What was edited is published and stored when it returns.
  Task<aws::Reply<void>> commit();

 private:
  World* world_;  // null: moved from
  Tenant tenant_;
  Books books_;
};

class World {
 public:
  explicit World(control::Control& control) : control_(control) {}

  // What the store has. After control's start and before the first call. Blocks for a read.
  Task<Result<>> load();
  bool loaded() const { return loaded_; }

  // As they were committed last.
  const Books& books(const Tenant& tenant) const;
  template <class B>
  const B& book(const Tenant& tenant) const {
    return books(tenant).template get<B>();
  }
  // Calls visit(Books) for each tenant.
  template <class Visit>
  void each_tenant(Visit visit) const {
    for (const auto& [key, books] : books_) visit(books);
  }
  // True: this resource within weir is one of the books', of whatever tenant.
  template <class T>
  bool has_made(Named<T> Desired::* part, const std::string& name) const {
    for (const auto& [key, desired] : compiled_) {
      if ((desired.*part).contains(name)) return true;
    }
    return false;
  }
  Task<Draft> change(Tenant tenant);

  control::Control& control() { return control_; }
  const control::Control& control() const { return control_; }
  // Whose resources those of the files are.
  bool is_home(const Tenant& tenant) const;
  // Marks its custom metrics (cloudwatch_names.h); "" at home.
  std::string metrics_of(const Tenant& tenant) const;
  // The name within weir of what a tenant has named so.
  std::string name(const Tenant& tenant, std::string_view own) const;

 private:
  friend class Draft;
  using Key = std::pair<std::string, std::string>;  // account, region
  static Key key_of(const Tenant& tenant) { return {tenant.account, tenant.region}; }

  Compiled compile(const Tenant& tenant, const Books& books) const;
  Desired all_but(const Key& key) const;
  Task<aws::Reply<void>> commit(const Tenant& tenant, Books books);

  control::Control& control_;
  control::Turns turns_;
  std::map<Key, Books> books_;
  std::map<Key, Desired> compiled_;
  bool loaded_ = false;
};

}  // namespace weir::amazon
