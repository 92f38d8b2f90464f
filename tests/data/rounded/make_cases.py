"""Softmax attention and EcoFormer in 16 and 8 bits, operation by operation, in NumPy.

Run: python3 make_cases.py, in this folder; needs NumPy. fp16 is NumPy's own float16; bf16 is float32
whose lower 16 bits are rounded away after every operation, ties to even. e4m3 and e5m2 are the
formats of the OCP 8-bit Floating Point Specification: all 256 patterns are decoded as the
specification has it, and every result becomes the nearest of them, of two equally near ones the
one with an even pattern; beyond the largest it becomes the largest. Sums run in the order of the
kernels (sim/kernels/products.hpp, rows.hpp, codes.hpp). accumulate=fp32 keeps sums
in float32, into which products are exact. Rows are divided by one division and multiplications:
weights and unit rows in the format itself, outputs in that of sums.
Writes q, v, the hash functions and one output for each case.
"""
import json
import struct

import numpy as np

f32 = np.float32


def bf16(x):
    bits = np.atleast_1d(np.asarray(x, f32)).view(np.uint32).astype(np.int64)
    bits = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000
    return bits.astype(np.uint32).view(f32).reshape(np.shape(x))


def all_numbers(exponent_bits, mantissa_bits, infinite):
    """The finite numbers >= 0 of an 8-bit format in the order of their patterns."""
    bias = 2 ** (exponent_bits - 1) - 1
    numbers = []
    for pattern in range(128):
        exponent, mantissa = pattern >> mantissa_bits, pattern & (2 ** mantissa_bits - 1)
        last = 2 ** exponent_bits - 1
        if exponent == last and (infinite or mantissa == 2 ** mantissa_bits - 1):
            break
        fraction = mantissa / 2 ** mantissa_bits
        numbers.append(fraction * 2.0 ** (1 - bias) if exponent == 0 else (1 + fraction) * 2.0 ** (exponent - bias))
    return np.array(numbers)


EIGHT_BITS = {"e4m3": all_numbers(4, 3, False), "e5m2": all_numbers(5, 2, True)}


def nearest(numbers, x):
    x = np.asarray(x, f32)
    magnitude = np.minimum(np.abs(x).astype(np.float64), numbers[-1])
    above = np.searchsorted(numbers, magnitude)
    below = np.maximum(above - 1, 0)
    up, down = numbers[above] - magnitude, magnitude - numbers[below]
    pattern = np.where((up < down) | ((up == down) & (above % 2 == 0)), above, below)
    return np.where(np.isnan(x), x, np.copysign(numbers[pattern], x)).astype(f32)


class Arithmetic:
    """narrow(x): a number of the format. Every operation below rounds its result."""

    def __init__(self, precision, accumulate):
        self.half = precision == "fp16"
        self.precision = precision
        self.wide = accumulate == "fp32"

    def narrow(self, x):
        if self.precision in EIGHT_BITS:
            return nearest(EIGHT_BITS[self.precision], x)
        return np.float16(x) if self.half else bf16(x)

    def sum_start(self):
        return f32(0) if self.wide else self.narrow(0)

    def to_sum(self, x):
        return np.asarray(x).astype(f32) if self.wide else x

    def of_sum(self, x):
        return self.narrow(x)

    def add(self, a, b):
        return a + b if self.half else self.narrow(a + b)

    def sub(self, a, b):
        return a - b if self.half else self.narrow(a - b)

    def mul(self, a, b):
        return a * b if self.half else self.narrow(a * b)

    def div(self, a, b):
        return a / b if self.half else self.narrow(a / b)

    def exp(self, x):
        return self.narrow(np.exp(x.astype(f32)))

    def sqrt(self, x):
        return np.sqrt(x) if self.half else self.narrow(np.sqrt(x))

    def add_sum(self, total, x):
        return total + x if self.wide else self.add(total, x)

    def div_sum(self, total, x):
        return total / f32(x) if self.wide else self.div(total, self.narrow(x))

    def add_product(self, total, a, b):
        """total + a b: the product is exact where the sum is wider than its factors."""
        if self.wide:
            return total + np.asarray(a).astype(f32) * np.asarray(b).astype(f32)
        return self.add(total, self.mul(a, b))

    def divide_rows(self, x, divisors):
        return self.mul(x, self.div(self.narrow(1), divisors)[:, None])

    def divide_sums(self, x, divisors):
        """The last division of an output, whose reciprocals may be beyond fp16."""
        if not self.wide:
            return self.divide_rows(x, self.narrow(divisors))
        return self.narrow(self.to_sum(x) * (f32(1) / divisors.astype(f32))[:, None])

    def matmul(self, a, b):
        """[n, k] x [k, m], sums over k in order."""
        total = np.full((a.shape[0], b.shape[1]), self.sum_start())
        for k in range(a.shape[1]):
            total = self.add_product(total, a[:, k:k + 1], b[k:k + 1])
        return self.of_sum(total)

    def sum_in_order(self, x):
        total = self.to_sum(x[..., 0])
        for i in range(1, x.shape[-1]):
            total = self.add_sum(total, self.to_sum(x[..., i]))
        return total

    def pairwise(self, x):
        if len(x) <= 64:
            return self.sum_in_order(x)
        half = 1 << ((len(x) - 1).bit_length() - 1)
        return self.add_sum(self.pairwise(x[:half]), self.pairwise(x[half:]))


def softmax_head(a, q, k, v):
    q, k, v = a.narrow(q), a.narrow(k), a.narrow(v)
    s = a.mul(a.narrow(f32(1) / np.sqrt(f32(q.shape[1]))), a.matmul(q, k.T))
    w = a.exp(a.sub(s, s.max(-1, keepdims=True)))
    w = a.divide_rows(w, a.of_sum(a.sum_in_order(w)))
    return a.matmul(w, v)


def ecoformer_head(a, x, v, anchors, coefficients, mean):
    x, v, anchors, coefficients, mean = (a.narrow(t) for t in (x, v, anchors, coefficients, mean))
    n, d = x.shape
    bits = coefficients.shape[0]
    squares = np.full(n, a.sum_start())
    for c in range(d):
        squares = a.add_product(squares, x[:, c], x[:, c])
    norm = np.maximum(a.sqrt(a.of_sum(squares)), a.narrow(1e-12))
    x = a.divide_rows(x, norm)
    total = np.full((n, len(anchors)), a.sum_start())
    for c in range(d):
        difference = a.sub(x[:, c:c + 1], anchors[None, :, c])
        total = a.add_product(total, difference, difference)
    d2 = a.of_sum(total)
    sigma = a.narrow(a.div_sum(a.pairwise(np.array([a.pairwise(row) for row in d2])), d2.size))
    factor = a.div(a.narrow(-1), a.mul(a.narrow(2), sigma))
    kernel = a.sub(a.exp(a.mul(factor, d2)), mean[None])
    positive = a.matmul(kernel, coefficients.T) > 0
    signs = np.where(positive, 1, -1)
    context = np.full((bits, v.shape[1]), a.sum_start())
    for j in range(n):
        context = a.add_sum(context, a.to_sum(a.narrow(signs[j][:, None] * v[j][None].astype(f32))))
    context = a.of_sum(context)
    total = np.full((n, v.shape[1]), a.sum_start())
    for b in range(bits):
        total = a.add_sum(total, a.to_sum(a.narrow(signs[:, b:b + 1] * context[b].astype(f32))))
    numerator = a.of_sum(total)
    bias = a.narrow(bits + 1)
    numerator = a.of_sum(a.add_product(a.to_sum(numerator), bias, v))
    divisor = signs @ signs.sum(0) + n * (bits + 1)
    return a.divide_sums(numerator, divisor.astype(f32))


def save_safetensors(path, tensors):
    header, blob = {}, b""
    for name, t in sorted(tensors.items()):
        t = np.ascontiguousarray(t, f32)
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [len(blob), len(blob) + t.nbytes]}
        blob += t.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + blob)


def main():
    rng = np.random.default_rng(3)
    heads, n, d, m, bits = 2, 11, 8, 7, 5
    q, k, v = (rng.standard_normal((heads, n, d)).astype(f32) for _ in range(3))
    unit = q / np.linalg.norm(q, axis=-1, keepdims=True)
    hash_functions = {"anchors": unit[:, :m], "coefficients": rng.standard_normal((heads, bits, m)).astype(f32),
                      "mean": np.full((heads, m), 0.6, f32)}
    for name, tensor in {"q": q, "k": k, "v": v}.items():
        np.save(f"{name}.npy", tensor)
    save_safetensors("hash.safetensors", hash_functions)
    for precision in ("fp16", "bf16", "e4m3", "e5m2"):
        for accumulate in ("fp32", "same"):
            a = Arithmetic(precision, accumulate)
            soft = [softmax_head(a, q[h], k[h], v[h]) for h in range(heads)]
            eco = [ecoformer_head(a, q[h], v[h], *(hash_functions[t][h] for t in ("anchors", "coefficients", "mean")))
                   for h in range(heads)]
            np.save(f"softmax_{precision}_{accumulate}.npy", np.array(soft).astype(f32))
            np.save(f"ecoformer_{precision}_{accumulate}.npy", np.array(eco).astype(f32))
    values = np.concatenate([rng.standard_normal(200) * 10.0 ** rng.integers(-9, 6, 200),
                             [0.0, -0.0, 65504, 65519, 65520, 65536, 2.0 ** -14, 2.0 ** -24, 2.0 ** -25,
                              1.5 * 2.0 ** -24, 1 + 2.0 ** -11, 1 + 3 * 2.0 ** -11, 3.4e38]]).astype(f32)
    with np.errstate(over="ignore"):
        np.save("values.npy", np.stack([values, values.astype(np.float16).astype(f32), bf16(values)]))


if __name__ == "__main__":
    main()
