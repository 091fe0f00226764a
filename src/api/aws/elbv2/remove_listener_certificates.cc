#include <fmt/format.h>

#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<RemoveListenerCertificatesOutput>> remove_listener_certificates(
    Context& context, const RemoveListenerCertificatesInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY(const auto* listener, find_listener(book, *in.ListenerArn));
  const ListOf<Certificate> standard = listener->value.Certificates;
  for (const Certificate& one : in.Certificates) {
    const std::string arn = one.CertificateArn.value_or("");
    if (!standard.empty() && standard.front().CertificateArn == arn) {
      co_return refuse("OperationNotPermitted",
                       fmt::format("The default certificate '{}' cannot be removed", arn));
    }
    book.certificates.erase(certificate_key(*in.ListenerArn, arn));
  }
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return RemoveListenerCertificatesOutput();
}

}  // namespace weir::amazon::elbv2
