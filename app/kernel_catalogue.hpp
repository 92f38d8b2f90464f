#pragma once

// The kernels that authors of attentions and layers call, as their own sources describe them: the
// headers of sim/kernels/ are part of the program. What a kernel charges is its declaration word by
// word, which the audit of every attention holds against what was executed.

#include <string>
#include <vector>

namespace wattention {

struct CatalogueKernel {
  struct Charge {
    std::string operation;  // "mac"
    std::string format;     // "run", "sums", or a format by its name
    std::string count;      // in the source's words: "matmul_macs(a, out)"
  };

  std::string name;
  std::string header;       // "sim/kernels/products.hpp"
  std::string arguments;    // without the phase, which is the first of every kernel
  std::string description;  // with shapes, and counts in words
  std::vector<Charge> charges;
  std::string movement;  // "reads(a, b) + writes(out)"
};

/// Ordered by header and place.
std::vector<CatalogueKernel> kernel_catalogue();

/// The kernels of one header.
std::vector<CatalogueKernel> kernels_in(const std::string& header, const std::string& text);

}  // namespace wattention
