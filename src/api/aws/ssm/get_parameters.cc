// Clients ask for the newest image of a system by a parameter of AWS's own, such as
// /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64. There is no other way to
// make a parameter here, so each name is one that does not exist.
#include "api/aws/ssm/service.h"

namespace weir::amazon::ssm {

Task<Reply<GetParametersOutput>> get_parameters(Context&, const GetParametersInput& in) {
  static_cast<void>(in.WithDecryption);  // there is nothing encrypted
  GetParametersOutput out;
  out.Parameters.give();
  for (const std::string& name : in.Names) out.InvalidParameters.push_back(name);
  return out;
}

}  // namespace weir::amazon::ssm
