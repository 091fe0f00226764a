// Model: the tables of one service, read from its JSON (botocore's service-2.json, stripped or
// not).
//
// tools/modelc reads the pack with it and prints constant tables; tests read protocol cases. The
// tables live as long as the Model. Any thread once read.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "aws/shape.h"
#include "base/result.h"

namespace weir::aws {

class Model {
 public:
  // `id` is our name of the service. The error names what is missing or not understood.
  static Result<std::unique_ptr<Model>> read(std::string_view id, std::string_view json);

  const Service& service() const { return service_; }
  // Every shape, in the order of the names.
  const std::map<std::string, Shape*, std::less<>>& shapes() const { return shapes_; }

 private:
  friend class ModelReader;
  Model() = default;

  Service service_;
  std::map<std::string, Shape*, std::less<>> shapes_;
  std::deque<Shape> all_;
  std::deque<std::string> texts_;
  std::deque<std::vector<Member>> members_;
  std::deque<Member> parts_;
  std::deque<std::vector<std::string_view>> words_;
  std::deque<std::vector<const Shape*>> errors_;
  std::vector<Protocol> protocols_;
  std::vector<Operation> operations_;
};

}  // namespace weir::aws
