#include "api/aws/serve.h"

#include <fmt/format.h>

#include "api/aws/registry.h"
#include "aws/codec.h"
#include "aws/validate.h"

namespace weir::amazon {
namespace {

using aws::Fault;
using aws::Protocol;
using aws::Target;

// What is wrong with a call that has an operation; otherwise its input.
aws::Reply<aws::Value> read_input(Context& context, const ServiceRows& rows, const Target& target,
                                  const aws::WireRequest& request) {
  TRY(aws::Decoded decoded,
      aws::decode_input(*target.service, target.protocol, *target.operation, request, target.body));
  context.ignored = decoded.reading.unknown;
  context.first_ignored = decoded.reading.first_unknown;
  const bool form = target.protocol == Protocol::query || target.protocol == Protocol::ec2;
  const bool ec2 = target.protocol == Protocol::ec2;
  const aws::Rules rules{.refused = rows.refused,
                         .missing_code = ec2 ? "MissingParameter" : "",
                         .empty_list_is_none = form};
  const auto code = aws::validation_code(target.protocol, target.service);
  if (auto fault = aws::validate(target.operation->input, decoded.input, rules, code)) {
    return tl::unexpected(*std::move(fault));
  }
  return std::move(decoded.input);
}

Fault not_built(const Target& target) {
  return Fault(
      std::string(aws::unknown_operation_code(target.protocol)),
      fmt::format("The operation {} of {} is not supported here", target.name, target.service->id));
}

}  // namespace

Target find_target(const aws::WireRequest& request, std::string_view service_hint) {
  return aws::find_target(services(), request, service_hint);
}

Task<aws::WireResponse> serve(Context& context, aws::WireRequest request, Target target) {
  if (target.fault) co_return refuse(target, *target.fault, context.request_id);
  const ServiceRows* rows = rows_of(*target.service);
  const Row* row = rows ? rows->find(target.name) : nullptr;
  if (!row) co_return refuse(target, not_built(target), context.request_id);
  const auto input = read_input(context, *rows, target, request);
  if (!input) co_return refuse(target, input.error(), context.request_id);
  const auto output = co_await row->call(context, *input);
  if (!output) co_return refuse(target, output.error(), context.request_id);
  aws::WireResponse response = aws::encode_output(*target.service, target.protocol,
                                                  *target.operation, *output, context.request_id);
  response.stream = std::move(context.stream);
  co_return response;
}

aws::WireResponse refuse(const Target& target, const Fault& fault, std::string_view request_id) {
  return aws::encode_fault(target.service, target.protocol, fault, request_id);
}

bool only_reads(const Target& target) {
  for (const std::string_view verb : {"Describe", "List", "Get"}) {
    if (target.name.starts_with(verb)) return true;
  }
  return target.name == "TestDNSAnswer";
}

}  // namespace weir::amazon
