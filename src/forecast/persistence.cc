// Persistence: it stays as it is. What every other method is measured against.
#include "forecast/method.h"

namespace weir::forecast {
namespace {

class Persistence final : public Method {
 public:
  std::optional<double> forecast(const History& history, std::uint32_t) const override {
    if (!history.has(0)) return std::nullopt;
    return history.ago(0);
  }
};

}  // namespace

std::unique_ptr<Method> persistence(std::uint32_t) { return std::make_unique<Persistence>(); }

}  // namespace weir::forecast
