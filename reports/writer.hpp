#pragma once

// A writer turns a Report into text of one format. One .cpp each, registered by the format's name.

#include <string>

#include "reports/report.hpp"
#include "sim/registry.hpp"

namespace wattention {

class Writer {
 public:
  virtual ~Writer() = default;
  /// The whole document, ending with a newline.
  virtual std::string write(const Report& report) const = 0;
};

}  // namespace wattention
