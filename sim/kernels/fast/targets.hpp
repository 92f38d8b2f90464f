#pragma once

// Sets of instructions that kernels are not compiled for; before any header of Highway. Vectors
// whose length is not known when compiling cannot be kept in arrays. Between the baseline of
// x86-64, which is SSE2, and AVX2 there are machines from before 2013 alone: these run the
// baseline, unless CMake's WATTENTION_ALL_TARGETS asks for all.
#define WATTENTION_UNUSABLE_TARGETS (HWY_RVV | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#ifdef WATTENTION_ALL_TARGETS
#define HWY_DISABLED_TARGETS WATTENTION_UNUSABLE_TARGETS
#else
#define HWY_DISABLED_TARGETS (WATTENTION_UNUSABLE_TARGETS | HWY_SSSE3 | HWY_SSE4)
#endif
