// AccessFiles: the files of CIDR blocks that access lists name, as they stand on the disk. Each is
// read when it is first named and whenever it has changed since.
#pragma once

#include <map>
#include <set>
#include <string>

#include "model/desired.h"

namespace weir::control {

// Lives on the control thread.
class AccessFiles {
 public:
  // Reads what has changed of the files that these name. A file that can't be read any more keeps
  // its last content, and the log says so; config has read it before.
  void refresh(const Named<Listener>& listeners);
  // Has one of the listener's files changed with the last refresh?
  bool changed(const Listener& listener) const;
  // The listener with the blocks of its files among those of its lists.
  Listener read_into(Listener listener) const;

 private:
  struct File {
    std::string stamp;  // tells one state of the file from another
    Names blocks;
  };
  void look(const std::string& path);
  void read_into(Access& access) const;

  std::map<std::string, File> files_;
  std::set<std::string> changed_;
};

}  // namespace weir::control
