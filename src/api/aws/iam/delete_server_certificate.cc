#include <fmt/format.h>

#include "api/aws/certificates/files.h"
#include "api/aws/elbv2/certificates.h"
#include "api/aws/iam/book.h"
#include "api/aws/world.h"

namespace weir::amazon::iam {

Task<Reply<DeleteServerCertificateOutput>> delete_server_certificate(
    Context& context, const DeleteServerCertificateInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<IamBook>();
  const std::string& name = *in.ServerCertificateName;
  const auto* kept = book.certificates.find(name);
  if (kept == nullptr) {
    co_return refuse("NoSuchEntity",
                     fmt::format("The Server Certificate with name {} cannot be found.", name));
  }
  const std::string arn = *kept->value.ServerCertificateMetadata->Arn;
  if (const auto users = elbv2::users_of_certificate(draft.books(), arn); !users.empty()) {
    co_return refuse(
        "DeleteConflict",
        fmt::format("Certificate: {} is currently in use by {}.",
                    *kept->value.ServerCertificateMetadata->ServerCertificateId, *users.begin()));
  }
  book.certificates.erase(name);
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  certificates::remove(context.world.control().desired(), arn);
  co_return DeleteServerCertificateOutput();
}

}  // namespace weir::amazon::iam
