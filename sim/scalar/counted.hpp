#pragma once

// Counted<T>: a number that counts what is done to it.
//
// A number x of type T becomes the pair (x, nothing); for every operation f of the scalar interface
// (sim/scalar/scalar.hpp)
//
//     f(Counted(x), Counted(y)) = Counted(f(x, y)),  and observer[op(f), format(T)] += 1
//
// so the values are those of T bit for bit, and the observer ends up with the number of operations
// that were truly executed. The observer is per thread: the phase of the kernel that runs
// (sim/kernels/work.hpp), else the strays of the ledger that is being observed, else a sink.
//
// Every operation takes its arguments by value. So a number in a tensor is copied where it is used
// and assigned where it is stored, and the copy constructor and the assignment tell the tensor's
// storage (sim/ledger/accesses.hpp) what is read and written.

#include "sim/ledger/accesses.hpp"
#include "sim/ledger/op.hpp"
#include "sim/scalar/scalar.hpp"

namespace wattention {

/// Directs this thread's observations into `counts` while it lives.
class [[nodiscard]] Observation {
 public:
  explicit Observation(OpCounts& counts) : before_(current()) { current() = &counts; }
  ~Observation() { current() = before_; }
  Observation(const Observation&) = delete;
  Observation& operator=(const Observation&) = delete;

  static void record(Op op, Format format) { current()->increment(op, format); }
  static void record(Op op, Format format, std::uint64_t count) {
    current()->add(op, format, count);
  }

 private:
  static OpCounts*& current() {
    thread_local OpCounts sink;
    thread_local OpCounts* counts = &sink;
    return counts;
  }

  OpCounts* before_;
};

template <class T>
class Counted {
 public:
  Counted() = default;
  template <class Value>
  requires std::is_constructible_v<T, Value>
  explicit Counted(Value value) : value_(static_cast<T>(value)) {}
  Counted(const Counted& other) : value_(other.value_) { observe_read(&other); }
  Counted& operator=(const Counted& other) {
    observe_read(&other);
    value_ = other.value_;
    observe_write(this);
    return *this;
  }
  ~Counted() = default;

  /// The number itself; no operation.
  T uncounted() const {
    observe_read(this);
    return value_;
  }
  friend auto plain(Counted x) { return plain(x.value_); }

  friend Counted operator+(Counted a, Counted b) { return seen(Op::add, a.value_ + b.value_); }
  friend Counted operator-(Counted a, Counted b) { return seen(Op::add, a.value_ - b.value_); }
  friend Counted operator*(Counted a, Counted b) { return seen(Op::mul, a.value_ * b.value_); }
  friend Counted operator/(Counted a, Counted b) { return seen(Op::div, a.value_ / b.value_); }
  Counted& operator+=(Counted other) { return *this = *this + other; }
  Counted& operator-=(Counted other) { return *this = *this - other; }
  Counted& operator*=(Counted other) { return *this = *this * other; }
  Counted& operator/=(Counted other) { return *this = *this / other; }

  friend Counted<Sum<T>> mac(Counted<Sum<T>> sum, Counted a, Counted b) {
    const Sum<T> result = mac(sum.uncounted(), a.value_, b.value_);
    const Format of_terms = format_in_both(a.value_, b.value_);
    if (format_in(result) == of_terms) {
      Observation::record(Op::mac, of_terms);
    } else {
      Observation::record(Op::mul, of_terms);
      Observation::record(Op::add, format_in(result));
    }
    return Counted<Sum<T>>(result);
  }
  friend Counted exp(Counted x) { return seen(Op::exp, exp(x.value_)); }
  friend Counted sqrt(Counted x) { return seen(Op::sqrt, sqrt(x.value_)); }
  friend Counted erf(Counted x) { return seen(Op::erf, erf(x.value_)); }
  friend Counted tanh(Counted x) { return seen(Op::tanh, tanh(x.value_)); }
  friend Counted max(Counted a, Counted b) { return seen(Op::compare, max(a.value_, b.value_)); }
  friend Counted min(Counted a, Counted b) { return seen(Op::compare, min(a.value_, b.value_)); }
  friend Counted abs(Counted x) {
    Observation::record(Op::logic, Format::bit);
    return Counted(abs(x.value_));
  }
  friend bool exceeds(Counted a, Counted b) {
    Observation::record(Op::compare, format_in_both(a.value_, b.value_));
    return exceeds(a.value_, b.value_);
  }
  friend bool is_positive(Counted x) {
    Observation::record(Op::compare, format_in(x.value_));
    return is_positive(x.value_);
  }
  friend bool is_negative(Counted x) {
    Observation::record(Op::compare, format_in(x.value_));
    return is_negative(x.value_);
  }
  friend Counted<Sum<T>> add_signed(Counted<Sum<T>> sum, bool positive, Counted x) {
    const Sum<T> result = add_signed(sum.uncounted(), positive, x.value_);
    Observation::record(Op::logic, Format::bit);
    Observation::record(Op::add, format_in(result));
    return Counted<Sum<T>>(result);
  }
  friend Counted doubled(Counted x) { return seen(Op::shift, doubled(x.value_)); }

 private:
  static Counted seen(Op op, T result) {
    Observation::record(op, format_in(result));
    return Counted(result);
  }

  /// That of either where the other is a constant.
  static Format format_in_both(T a, T b) { return std::max(format_in(a), format_in(b)); }

  T value_;
};

/// Packed codes: whole words, observed bit by bit.
template <>
class Counted<Word> {
 public:
  Counted() = default;
  explicit Counted(Word word) : word_(word) {}
  Counted(const Counted& other) : word_(other.word_) { observe_read(&other); }
  Counted& operator=(const Counted& other) {
    observe_read(&other);
    word_ = other.word_;
    observe_write(this);
    return *this;
  }
  ~Counted() = default;

  friend Word plain(Counted x) { return x.word_; }
  friend Counted<std::int32_t> differing_bits(Counted a, Counted b, std::size_t width) {
    Observation::record(Op::logic, Format::bit, width);
    Observation::record(Op::popcount, Format::bit, width);
    return Counted<std::int32_t>(wattention::differing_bits(a.word_, b.word_, width));
  }
  friend bool bit_at(Counted x, std::size_t i) { return wattention::bit_at(x.word_, i); }
  friend void set_bit(Counted& x, std::size_t i, bool value) {
    wattention::set_bit(x.word_, i, value);
    observe_write(&x);
  }

 private:
  Word word_;
};

/// Unsigned times signed 8-bit integers.
inline Counted<std::int32_t> mac(Counted<std::int32_t> sum, Counted<std::uint8_t> a,
                                 Counted<std::int8_t> b) {
  Observation::record(Op::mul, Format::int8);
  Observation::record(Op::add, Format::int32);
  return Counted<std::int32_t>(mac(plain(sum), plain(a), plain(b)));
}

template <class T>
struct FormatOf<Counted<T>> : FormatOf<T> {};
template <class T>
inline constexpr bool observes<Counted<T>> = true;
template <class T>
struct Rebound<Counted<T>> {
  template <class U>
  using to = Counted<U>;
};
template <class T>
struct PlainOf<Counted<T>> {
  using type = T;
};
template <class T>
struct SumOf<Counted<T>> {
  using type = Counted<Sum<T>>;
};

}  // namespace wattention
