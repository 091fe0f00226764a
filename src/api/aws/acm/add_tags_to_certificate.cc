#include "api/aws/acm/book.h"
#include "api/aws/world.h"

namespace weir::amazon::acm {

Task<Reply<AddTagsToCertificateOutput>> add_tags_to_certificate(
    Context& context, const AddTagsToCertificateInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<AcmBook>();
  CO_TRY_VOID(find_certificate(book, *in.CertificateArn));
  auto* kept = book.certificates.edit(*in.CertificateArn);
  for (const Tag& tag : in.Tags) kept->tags[*tag.Key] = tag.Value.value_or("");
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return AddTagsToCertificateOutput();
}

}  // namespace weir::amazon::acm
