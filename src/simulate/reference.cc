#include "simulate/reference.h"

namespace weir::simulate {

#define REFERENCE(name, has_target, clairvoyant) std::unique_ptr<Scaler> name(const Setting&);
#include "simulate/references.def"
#undef REFERENCE

const std::vector<Reference>& references() {
  static const std::vector<Reference> all = {
#define REFERENCE(name, has_target, clairvoyant) {#name, has_target, clairvoyant, &name},
#include "simulate/references.def"
#undef REFERENCE
  };
  return all;
}

}  // namespace weir::simulate
