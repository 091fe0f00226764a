// World: the resources that the AWS API knows.
#pragma once

namespace weir::amazon {

// Lives on the control thread.
class World {};

}  // namespace weir::amazon
