#include "api/aws/rights.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weir::amazon {
namespace {

constexpr std::array<std::string_view, 11> kServices = {"acm",         "application-autoscaling",
                                                        "autoscaling", "cloudwatch",
                                                        "ec2",         "elasticloadbalancing",
                                                        "iam",         "route53",
                                                        "sagemaker",   "ssm",
                                                        "sts"};

// Actions go by the name that signatures have, but for CloudWatch's.
std::string_view action_service(const aws::Service& service) {
  return service.signing_name == "monitoring" ? "cloudwatch" : service.signing_name;
}

}  // namespace

std::span<const std::string_view> action_services() { return kServices; }

std::string action_of(const aws::Target& target) {
  return fmt::format("{}:{}", target.service ? action_service(*target.service) : "unknown",
                     target.name);
}

std::string user_arn(std::string_view account, std::string_view name) {
  return fmt::format("arn:aws:iam::{}:user/{}", account, name);
}

std::optional<std::string> why_not(const control::AccessKey& key, const aws::Target& target,
                                   bool reads) {
  // Whoever has a key may ask whose it is.
  if (target.service->signing_name == "sts" && target.name == "GetCallerIdentity") return {};
  const std::string_view service = action_service(*target.service);
  const auto& allowed = key.services;
  const bool listed =
      allowed.empty() || std::find(allowed.begin(), allowed.end(), service) != allowed.end();
  if (listed && (reads || !key.read_only)) return std::nullopt;
  return fmt::format(
      "User: {} is not authorized to perform: {} because {}", user_arn(key.account, key.name),
      action_of(target),
      listed ? "the access key may only read" : "the access key is not for this service");
}

}  // namespace weir::amazon
