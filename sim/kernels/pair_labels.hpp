#pragma once

// Labels of pairs of tokens, and products with them, for hash learning (models/hash_learning.hpp).
//
// An n x n matrix of labels is sparse: of each token, the partners of +1, then those of -1. Which
// they are, and so the number of comparisons behind them, depends on the data: these are declared
// after the fact. A label times a number is a signed addition.

#include <algorithm>
#include <vector>

#include "sim/kernels/codes.hpp"
#include "sim/kernels/products.hpp"
#include "sim/kernels/work.hpp"

namespace wattention {

/// Label +1 of the token and its first `positive` partners, -1 of the token and the others.
struct PairLabels {
  Tensor<std::int32_t> partners;  // [h, n, positive + negative]
  std::size_t positive = 0;
};

/// The first and the last of a row of numbers in the order of falling value, equal ones by place:
/// what a stable argsort of the negated row begins and ends with.
template <class Real>
class FirstAndLast {
 public:
  FirstAndLast(std::size_t first, std::size_t last) : most_first_(first), most_last_(last) {
    first_.reserve(first);
    last_.reserve(last);
  }

  void clear() {
    first_.clear();
    last_.clear();
  }

  /// Places rise from call to call.
  void offer(Real value, std::int32_t place) {
    if (first_.size() < most_first_) {
      first_.insert(behind_equals(first_, value), {value, place});
    } else if (most_first_ > 0 && compare(value, first_.back().value)) {
      first_.pop_back();
      first_.insert(behind_equals(first_, value), {value, place});
    }
    if (last_.size() < most_last_) {
      last_.insert(behind_equals(last_, value), {value, place});
    } else if (!compare(value, last_.front().value)) {
      last_.erase(last_.begin());
      last_.insert(behind_equals(last_, value), {value, place});
    }
  }

  /// Places of the first, then of the last.
  void write(std::int32_t* places) const {
    for (const Entry& entry : first_) *places++ = entry.place;
    for (const Entry& entry : last_) *places++ = entry.place;
  }

  std::uint64_t comparisons() const { return comparisons_; }

 private:
  struct Entry {
    Real value;
    std::int32_t place;
  };

  bool compare(Real a, Real b) {
    ++comparisons_;
    return exceeds(a, b);
  }

  auto behind_equals(std::vector<Entry>& entries, Real value) {
    return std::partition_point(entries.begin(), entries.end(),
                                [&](const Entry& entry) { return !compare(value, entry.value); });
  }

  std::size_t most_first_;
  std::size_t most_last_;
  std::vector<Entry> first_;
  std::vector<Entry> last_;
  std::uint64_t comparisons_ = 0;
};

/// For each row the `top` most similar rows (largest inner products) as +1 and the `top` least
/// similar as -1, which wins where both hold: n n d macs a head, and the comparisons of the choice.
/// Similarities exist a block of rows at a time.
template <class Real>
PairLabels pair_labels(Phase& phase, Input<Real> x, std::size_t top) {
  constexpr std::size_t rows_per_block = 64;
  const std::size_t negative = std::min(top, x.rows);
  const std::size_t positive = std::min(top, x.rows - negative);
  PairLabels labels{Tensor<std::int32_t>(x.heads, x.rows, positive + negative), positive};
  FirstAndLast<Real> chosen(positive, negative);
  const Work<Real> work(phase, {{Op::mac, format_of<Real>, product(x.elements(), x.rows)}},
                        reads(x, x) + writes(labels.partners.view()));
  std::vector<Tensor<Real>> tiles;  // [h, d, column_tile], each whole in the cache
  for (std::size_t j = 0; j < x.rows; j += column_tile) {
    tiles.push_back(transposed(x.slice(j, std::min(column_tile, x.rows - j))));
  }
  Tensor<Real> block(x.heads, std::min(rows_per_block, x.rows), x.rows);
  for (std::size_t i = 0; i < x.rows; i += rows_per_block) {
    const std::size_t rows = std::min(rows_per_block, x.rows - i);
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      View<Real> part = block.view().slice(0, rows);
      part.data += t * column_tile;
      part.cols = part.first_width = tiles[t].cols();
      multiply_rows<Real>(work, x.slice(i, rows), tiles[t].input(), part,
                          [](Real sum) { return sum; });
    }
    for (std::size_t h = 0; h < x.heads; ++h) {
      for (std::size_t r = 0; r < rows; ++r) {
        const Real* const similarities = block.view().row(h, r);
        chosen.clear();
        for (std::size_t j = 0; j < x.rows; ++j) {
          chosen.offer(similarities[j], static_cast<std::int32_t>(j));
        }
        chosen.write(labels.partners.view().row(h, i + r));
      }
    }
  }
  phase.declare({{Op::compare, format_of<Real>, chosen.comparisons()}}, {});  // the values decide
  return labels;
}

/// out = (L + L^T) y with the labels L: two signed additions for every label.
template <class Real>
void label_products(Phase& phase, const PairLabels& labels, Input<Real> y, View<Real> out) {
  const View<const std::int32_t> partners = labels.partners.view();
  const std::uint64_t additions = product(std::uint64_t{2}, partners.elements());
  const Work<Real> work(
      phase, {{Op::add, format_of<Real>, additions}, {Op::logic, Format::bit, additions}},
      reads(partners, y) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < y.heads; ++h) {
    const Real* const from = y.row(h, 0);
    Real* const to = out.row(h, 0);
    std::fill_n(to, y.cols, Real(0));
    for (std::size_t i = 0; i < partners.rows; ++i) {
      const std::int32_t* const row = partners.row(h, i);
      Real own = to[i];
      for (std::size_t c = 0; c < partners.cols; ++c) {
        own = add_signed(own, c < labels.positive, from[row[c]]);
      }
      to[i] = own;
      for (std::size_t c = 0; c < partners.cols; ++c) {
        Real& other = to[row[c]];
        other = add_signed(other, c < labels.positive, from[i]);
      }
    }
  }
}

/// out = sum of label_ij y_i y_j over the labelled pairs, in integers [h, 1, 1]: a signed addition
/// for every label and every token.
template <class Real>
void agreement_of_pairs(Phase& phase, const PairLabels& labels, Codes<Real> y,
                        View<Integer<Real>> out) {
  using Int = Integer<Real>;
  const View<const std::int32_t> partners = labels.partners.view();
  const std::uint64_t additions = sum(partners.elements(), product(partners.heads, partners.rows));
  const Work<Real> work(phase,
                        {{Op::add, format_of<Int>, additions}, {Op::logic, Format::bit, additions}},
                        reads(partners, y) + writes(out));
  if constexpr (!computes<Real>) return;
  for (std::size_t h = 0; h < y.heads; ++h) {
    Int total(0);
    for (std::size_t i = 0; i < partners.rows; ++i) {
      const std::int32_t* const row = partners.row(h, i);
      Int of_token(0);
      for (std::size_t c = 0; c < partners.cols; ++c) {
        const bool positive = y.positive(h, 0, static_cast<std::size_t>(row[c]));
        of_token = add_signed(of_token, positive == (c < labels.positive), Int(1));
      }
      total = add_signed(total, y.positive(h, 0, i), of_token);
    }
    out(h, 0, 0) = total;
  }
}

}  // namespace wattention
