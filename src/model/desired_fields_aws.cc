// The table of the AWS API.
#include "config/field.h"
#include "model/desired_fields.h"
#include "model/desired_syntax.h"

namespace weir {

using config::also_called;
using config::between;
using config::field;
using config::is;
using config::required;
using config::struct_type;
using config::Verdict;

namespace {

Verdict account_id(const std::string& text) {
  const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
  if (digits && text.size() == 12) return std::nullopt;
  return config::Complaint{"'" + text + "' is no AWS account id",
                           "write 12 digits in quotes: \"000000000000\""};
}

Verdict region_name(const std::string& text) {
  const bool plain =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  if (plain && !text.empty() && text.size() <= 32) return std::nullopt;
  return config::Complaint{"'" + text + "' is no region", "write one such as us-east-1"};
}

struct NotZero {
  std::string range() const { return "above 0"; }
  Verdict operator()(const Rate& rate) const {
    if (rate.count > 0) return std::nullopt;
    return config::Complaint{"a rate of 0 lets nobody in", "write 200/s"};
  }
};

}  // namespace

const config::Type& config_type(const InstanceSize*) {
  static const auto type = struct_type<InstanceSize>(
      "map", {also_called(field("cpus", &InstanceSize::cpus,
                                "most processor time, in cores; 0 is unlimited", between(0, 4096)),
                          {"cpu", "vcpus"}),
              also_called(field("memory", &InstanceSize::memory, "most memory; 0 is unlimited"),
                          {"mem", "ram"}),
              also_called(field("gpus", &InstanceSize::gpus,
                                "devices given to each by CUDA_VISIBLE_DEVICES", between(0, 1024)),
                          {"gpu"})});
  return type;
}

const config::Type& config_type(const Aws*) {
  static const auto type = struct_type<Aws>(
      "map",
      {also_called(field("account", &Aws::account,
                         "account id of access keys that do not say one, and of anonymous callers",
                         is(account_id, "12 digits")),
                   {"account_id"}),
       field("region", &Aws::region,
             "the region in which the API shows what files declare, and whose resources have no "
             "region in their names",
             is(region_name, "small letters, digits and '-'")),
       also_called(field("rate", &Aws::rate,
                         "calls that an access key regains for each service; above it the answer "
                         "is Throttling",
                         NotZero{}),
                   {"rate_limit"}),
       field("burst", &Aws::burst, "calls that it may make at once", between(1, 1'000'000'000)),
       also_called(field("addresses", &Aws::addresses,
                         "CIDR blocks of this machine's addresses: each load balancer made by the "
                         "API gets one, in order",
                         required("addresses: [127.64.0.0/16]"), is(syntax::source_block)),
                   {"address", "load_balancer_addresses"}),
       also_called(field("images", &Aws::images,
                         "what an instance of an AMI runs, by the AMI's id or name; `default` is "
                         "for those that nobody knows, with adopt_unknown"),
                   {"amis"}),
       field("instance_types", &Aws::instance_types,
             "what an instance type gives, beside the t3, m5, c5, g5, p4d, p5 and ml sizes that "
             "are built in"),
       field("adopt_unknown", &Aws::adopt_unknown,
             "an unknown subnet is a zone drawn from its id, an unknown image the one named "
             "default")});
  return type;
}

}  // namespace weir
