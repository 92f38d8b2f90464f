#pragma once

// Exact softmax attention on a workload, which outputs of other attentions are compared with.
// Computed when it is first asked for, causal and not apart; where softmax itself is measured, its
// output is the reference.

#include <string>

#include "measure/measure.hpp"
#include "models/workload.hpp"

namespace wattention {

class Reference {
 public:
  /// `when`: always, never, or auto, which leaves it out where it takes more than some seconds.
  Reference(const Workload& workload, const std::string& when);

  /// Fills error_vs_softmax of the measurement's runs, or notes that it is left out.
  void compare(Measurement& measurement);

 private:
  const Tensor<float>& exact(bool causal);

  const Workload& workload_;
  bool wanted_ = false;
  bool left_out_ = false;
  Tensor<float> causal_;
  Tensor<float> full_;
};

}  // namespace wattention
