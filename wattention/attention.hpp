#pragma once

// What the author of an attention includes.
//
// An attention is a struct with the names of its phases and one template, which is the whole of it:
// run with float it computes, with Counted each of its operations is observed, with
// Shape<Rounded> it only counts. One line at namespace scope registers it by name.
//
//     // out_i = q_i^T (sum_j k_j v_j^T) / M
//     #include <wattention/attention.hpp>
//
//     namespace {
//     using namespace wattention;
//
//     struct PlainLinear {
//       static constexpr std::array<std::string_view, 2> phases{"context", "output"};
//
//       template <class Real>
//       Tensor<Real> operator()(const Qkv<Real>& x, Ledger& ledger) const {
//         Tensor<Real> context(x.k.heads, x.head_dim(), x.value_dim());  // [G, d, e]
//         Tensor<Real> out(x.heads(), x.queries(), x.value_dim());       // [H, N, e]
//         matmul<Real>(ledger["context"], transposed(x.k), x.v, context);
//         scaled_matmul<Real>(ledger["output"], x.q, context, 1.0F / float(x.keys()), out);
//         return out;
//       }
//     };
//     const Registration<Attention, Model<PlainLinear>> registered{"plain-linear", "q k^T v"};
//     }  // namespace
//
// Shapes are [heads, rows, columns]; keys and values may have fewer heads, G, than queries, H. The
// first argument of a kernel is the phase that pays for it. A kernel of your own declares, in its
// first statement, what it does and which tensors it reads and writes, and then does it:
//
//     template <class Real>
//     void add_number(Phase& phase, float number, View<Real> x) {
//       const Work<Real> work(phase, {{Op::add, format_of<Real>, x.elements()}},
//                             reads(x) + writes(x));
//       if constexpr (!computes<Real>) return;
//       for (std::size_t h = 0; h < x.heads; ++h) {
//         for (std::size_t i = 0; i < x.rows; ++i) {
//           for (std::size_t c = 0; c < x.cols; ++c) x(h, i, c) += Real(number);
//         }
//       }
//     }
//
// A declaration that differs from what was observed fails the audit, which `check_attention` makes
// over many shapes and number formats. A name that is registered twice throws Error.

#include "models/attention.hpp"
#include "models/attention_check.hpp"
#include "models/linear_attention.hpp"
#include "sim/kernels/buckets.hpp"
#include "sim/kernels/codes.hpp"
#include "sim/kernels/distances.hpp"
#include "sim/kernels/features.hpp"
#include "sim/kernels/integers.hpp"
#include "sim/kernels/landmarks.hpp"
#include "sim/kernels/products.hpp"
#include "sim/kernels/row_blocks.hpp"
#include "sim/kernels/rows.hpp"
#include "sim/kernels/running_softmax.hpp"
#include "sim/kernels/windows.hpp"
#include "sim/kernels/work.hpp"
