#include "api/aws/iam/book.h"

namespace weir::amazon::iam {

std::shared_ptr<Book> new_book() { return std::make_shared<IamBook>(); }

}  // namespace weir::amazon::iam
