#include "api/aws/sts/service.h"

namespace weir::amazon::sts {

Task<Reply<GetCallerIdentityOutput>> get_caller_identity(Context& context,
                                                         const GetCallerIdentityInput&) {
  GetCallerIdentityOutput out;
  out.Account = context.tenant.account;
  out.Arn = context.caller.arn;
  out.UserId = context.caller.user_id;
  return out;
}

}  // namespace weir::amazon::sts
