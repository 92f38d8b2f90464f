#include "sim/kernels/fast/targets.hpp"
#include "sim/kernels/fast/vector_kernels.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/kernels/fast/ordered_products.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/kernels/fast/sums_of_terms.hpp"

HWY_BEFORE_NAMESPACE();
namespace wattention::fast::HWY_NAMESPACE {

template <class AddTerm>
void combine_heads(const AddTerm& add_term, const View<const float>& a, const View<const float>& b,
                   const View<float>& out, bool grow = false) {
  for (std::size_t h = 0; h < out.heads; ++h) {
    combine(add_term, {a.row(h, 0), a.row_stride, 1},
            {b.row(head_of(h, out.heads, b.heads), 0), b.row_stride}, out.rows, a.cols, out.cols,
            {out.row(h, 0), out.row_stride, grow});
  }
}

void MultiplyInOrder(const View<const float>& a, const View<const float>& b,
                     const View<float>& out) {
  combine_heads(AddProduct(), a, b, out);
}
void AddProductInOrder(const View<const float>& a, const View<const float>& b,
                       const View<float>& out) {
  combine_heads(AddProduct(), a, b, out, true);
}
void AddOuterProducts(const View<const float>& features, const View<const float>& v,
                      const View<float>& total) {
  for (std::size_t h = 0; h < v.heads; ++h) {
    combine(AddProduct(), {features.row(h, 0), 1, features.row_stride}, {v.row(h, 0), v.row_stride},
            features.cols, v.rows, v.cols, {total.row(h, 0), total.row_stride, true});
  }
}
void NegatedManhattanDistances(const View<const float>& x, const View<const float>& points,
                               const View<float>& out) {
  combine_heads(SubtractDistance(), x, points, out);
}
void SquaredDistances(const View<const float>& x, const View<const float>& points,
                      const View<float>& out) {
  combine_heads(AddSquaredDifference(), x, points, out);
}

}  // namespace wattention::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wattention::fast {

HWY_EXPORT(MultiplyInOrder);
HWY_EXPORT(AddProductInOrder);
HWY_EXPORT(AddOuterProducts);
HWY_EXPORT(NegatedManhattanDistances);
HWY_EXPORT(SquaredDistances);

void multiply_in_order(const View<const float>& a, const View<const float>& b,
                       const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(MultiplyInOrder)(a, b, out);
}
void add_product_in_order(const View<const float>& a, const View<const float>& b,
                          const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(AddProductInOrder)(a, b, out);
}
void add_outer_products(const View<const float>& features, const View<const float>& v,
                        const View<float>& total) {
  HWY_DYNAMIC_DISPATCH(AddOuterProducts)(features, v, total);
}
void negated_manhattan_distances(const View<const float>& x, const View<const float>& points,
                                 const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(NegatedManhattanDistances)(x, points, out);
}
void squared_distances(const View<const float>& x, const View<const float>& points,
                       const View<float>& out) {
  HWY_DYNAMIC_DISPATCH(SquaredDistances)(x, points, out);
}

}  // namespace wattention::fast
#endif
