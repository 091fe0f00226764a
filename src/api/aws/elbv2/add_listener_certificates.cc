#include <fmt/format.h>

#include "api/aws/elbv2/certificates.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<AddListenerCertificatesOutput>> add_listener_certificates(
    Context& context, const AddListenerCertificatesInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY(const auto* listener, find_listener(book, *in.ListenerArn));
  if (listener->value.Certificates.empty()) {
    co_return refuse("InvalidConfigurationRequest",
                     fmt::format("Certificates cannot be specified for {} listeners",
                                 *listener->value.Protocol));
  }
  const std::string standard = listener->value.Certificates.front().CertificateArn.value_or("");
  AddListenerCertificatesOutput out;
  for (const Certificate& one : in.Certificates) {
    const std::string arn = one.CertificateArn.value_or("");
    if (one.IsDefault) {
      co_return refuse("ValidationError", "IsDefault cannot be specified");
    }
    if (!certificate_exists(draft.books(), arn)) {
      co_return refuse("CertificateNotFound", fmt::format("Certificate '{}' not found", arn));
    }
    Kept<Certificate> kept;
    kept.value.CertificateArn = arn;
    kept.made = context.now;
    if (arn != standard) {
      book.certificates.put(certificate_key(*in.ListenerArn, arn), std::move(kept));
    }
    out.Certificates.push_back({.CertificateArn = arn, .IsDefault = arn == standard});
  }
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return out;
}

}  // namespace weir::amazon::elbv2
