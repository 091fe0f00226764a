#include "api/aws/autoscaling/service.h"

namespace weir::amazon::autoscaling {

Task<Reply<DescribeAdjustmentTypesOutput>> describe_adjustment_types(
    Context&, const DescribeAdjustmentTypesInput&) {
  DescribeAdjustmentTypesOutput out;
  for (const char* type : {"ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"}) {
    out.AdjustmentTypes.push_back({.AdjustmentType = type});
  }
  return out;
}

}  // namespace weir::amazon::autoscaling
