#pragma once

// What the author of a layer of networks includes: a struct that says what sizes it makes of those
// that it is given, which parameters it has, and a template that computes it under any scalar type.
//
//     #include <wattention/layer.hpp>
//
//     namespace {
//     using namespace wattention;
//
//     struct Double {
//       Sizes bind(const Sizes& in) { return in; }
//
//       template <class Real>
//       void operator()(Phase& phase, Input<Real> x, View<Real> out) const {
//         const Work<Real> work(phase, {{Op::add, format_of<Real>, x.elements()}},
//                               reads(x) + writes(out));
//         if constexpr (!computes<Real>) return;
//         for (std::size_t i = 0; i < x.rows; ++i) {
//           for (std::size_t c = 0; c < x.cols; ++c) out(0, i, c) = x(0, i, c) + x(0, i, c);
//         }
//       }
//     };
//     const Registration<Layer, LayerOf<Double>> registered{"double", "x + x"};
//     }  // namespace
//
// Files of networks then name it: {"type": "double"}. Tensors are [1, tokens, channels]. Options of
// the file are JSON, so that this door includes nlohmann/json. Sizes that a layer cannot take are a
// Misfit, of which the reader of the file makes an InputError with file and place.

#include "models/networks/layer.hpp"
#include "sim/kernels/grids.hpp"
#include "sim/kernels/layers.hpp"
#include "sim/kernels/products.hpp"
#include "sim/kernels/rows.hpp"
#include "sim/kernels/work.hpp"
