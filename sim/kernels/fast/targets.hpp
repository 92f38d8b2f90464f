#pragma once

// Sets of instructions that kernels are not compiled for; before any header of Highway. Vectors
// whose length is not known when compiling cannot be kept in arrays.
#define HWY_DISABLED_TARGETS (HWY_RVV | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
