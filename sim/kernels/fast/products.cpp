#include "sim/kernels/fast/products.hpp"

#include <dnnl.h>

#include <algorithm>
#include <memory>
#include <new>

#include "sim/error.hpp"

// Of libgomp, which Debian's oneDNN runs on. Its header comes with g++ only.
extern "C" {
void omp_set_num_threads(int count);
int omp_get_max_threads();
}

namespace wattention::fast {
namespace {

/// This thread's calls of oneDNN run on this thread alone while it lives.
class OnThisThread {
 public:
  OnThisThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OnThisThread() { omp_set_num_threads(before_); }
  OnThisThread(const OnThisThread&) = delete;
  OnThisThread& operator=(const OnThisThread&) = delete;

 private:
  int before_;
};

dnnl_dim_t dim(std::size_t n) { return static_cast<dnnl_dim_t>(n); }

/// out = factor a b (+ out), [n, k] x [k, m] -> [n, m], each with the distance of its rows.
struct Matrices {
  const float* a;
  std::size_t a_stride;
  const float* b;
  std::size_t b_stride;
  float* out;
  std::size_t out_stride;
};

/// Rows a multiple of 4 KiB apart share few sets of a cache, which costs up to two thirds of the
/// speed: such a matrix is copied, with its rows a little further apart.
class SpreadRows {
 public:
  SpreadRows(const float* data, std::size_t stride, std::size_t rows, std::size_t cols)
      : data_(data), stride_(stride) {
    constexpr std::size_t numbers_of_4_kib = 1024;
    constexpr std::size_t few_rows = 16;
    constexpr std::size_t line = 16;
    if (stride % numbers_of_4_kib != 0 || rows <= few_rows) return;
    stride_ = cols + line;
    copy_ = std::make_unique_for_overwrite<float[]>(rows * stride_);
    for (std::size_t r = 0; r < rows; ++r) {
      std::copy_n(data + r * stride, cols, copy_.get() + r * stride_);
    }
    data_ = copy_.get();
  }

  const float* data() const { return data_; }
  std::size_t stride() const { return stride_; }

 private:
  const float* data_;
  std::size_t stride_;
  std::unique_ptr<float[]> copy_;
};

void multiply_rectangle(const Matrices& x, std::size_t n, std::size_t k, std::size_t m,
                        float factor) {
  if (n == 0 || m == 0) return;
  if (k == 0) {
    for (std::size_t i = 0; i < n; ++i) std::fill_n(x.out + i * x.out_stride, m, 0.0F);
    return;
  }
  const SpreadRows b(x.b, x.b_stride, k, m);
  const dnnl_status_t status =
      dnnl_sgemm('N', 'N', dim(n), dim(m), dim(k), factor, x.a, dim(x.a_stride), b.data(),
                 dim(b.stride()), 0.0F, x.out, dim(x.out_stride));
  if (status == dnnl_out_of_memory) throw std::bad_alloc();
  if (status != dnnl_success) throw Error("matmul: oneDNN refused a product");
}

/// The columns right of the rectangle in a lower triangle of scores: row i has i more of them.
void multiply_right_of(std::size_t rectangle, const Matrices& x, std::size_t n, std::size_t k,
                       float factor) {
  for (std::size_t i = 1; i < n; ++i) {
    float* const to = x.out + i * x.out_stride + rectangle;
    std::fill_n(to, i, 0.0F);
    for (std::size_t c = 0; c < k; ++c) {
      const float weight = factor * x.a[i * x.a_stride + c];
      const float* const from = x.b + c * x.b_stride + rectangle;
      for (std::size_t j = 0; j < i; ++j) to[j] += weight * from[j];
    }
  }
}

/// What weights right of the rectangle add to a product: row i has i more of them.
void add_right_of(std::size_t rectangle, const Matrices& x, std::size_t n, std::size_t m,
                  float factor) {
  for (std::size_t i = 1; i < n; ++i) {
    float* const to = x.out + i * x.out_stride;
    for (std::size_t k = rectangle; k < rectangle + i; ++k) {
      const float weight = factor * x.a[i * x.a_stride + k];
      for (std::size_t j = 0; j < m; ++j) to[j] += weight * x.b[k * x.b_stride + j];
    }
  }
}

}  // namespace

void multiply(const View<const float>& a, const View<const float>& b, float factor,
              const View<float>& out) {
  const OnThisThread on_this_thread;
  const std::size_t inner = a.triangular() ? a.first_width : a.cols;
  const std::size_t cols = out.triangular() ? out.first_width : out.cols;
  for (std::size_t h = 0; h < out.heads; ++h) {
    const std::size_t hb = h / (out.heads / b.heads);
    const Matrices x{a.row(h, 0),  a.row_stride,  b.row(hb, 0),
                     b.row_stride, out.row(h, 0), out.row_stride};
    multiply_rectangle(x, out.rows, inner, cols, factor);
    if (out.triangular()) multiply_right_of(cols, x, out.rows, a.cols, factor);
    if (a.triangular()) add_right_of(inner, x, out.rows, cols, factor);
  }
}

}  // namespace wattention::fast
