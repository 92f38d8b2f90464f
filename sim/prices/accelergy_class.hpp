#pragma once

// What the primitive components of Accelergy are here. Its table-based plug-ins keep one CSV file a
// component class, named after it:
//
//     class (file)                      is                   on numbers of
//     intadder, aladdin_adder           add                  datawidth (or width) 8, 16, 32 bits
//     intmultiplier, aladdin_multiplier mul                  the same
//     intmac                            mac                  the same
//     comparator, aladdin_comparator    compare              the same
//     shifter                           shift                the same
//     fpadder, fpmultiplier, fpmac      add, mul, mac        exponent and mantissa: 8 and 23
//     (fp32),
//                                                            5 and 10 (fp16), 8 and 7 (bf16), or
//                                                            one more where the mantissa has its
//                                                            first 1
//     bitwise                           logic, by the bit    datawidth bits at a time
//     regfile, SRAM, DRAM               memory levels        width bits an access, depth words
//
// An action is an operation where it does the whole work on operands of any kind: mac_random is a
// mac; mac_reused, mac_gated and idle are none.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/files/csv.hpp"
#include "sim/ledger/op.hpp"

namespace wattention {

enum class Numbers : std::uint8_t { integer, floating, bits, memory };

struct AccelergyClass {
  std::string_view name;
  Numbers numbers;
  Op op;                                  // not of memory
  std::vector<std::string_view> actions;  // that are the operation; of memory, read and write
};

const std::vector<AccelergyClass>& accelergy_classes();

/// The class that a file is named after, without folder and ending, in capitals or not; null where
/// there is none.
const AccelergyClass* accelergy_class(std::string_view stem);

/// Nothing where no format has these sizes.
std::optional<Format> integer_format(std::uint64_t bits);
std::optional<Format> floating_format(std::uint64_t exponent, std::uint64_t mantissa);

/// The column of the width of a number or a word.
std::optional<std::string_view> width_column(const Csv& csv, Numbers numbers);

/// Those that the class needs and the file lacks: "technology, energy"; "" where it has them all.
std::string missing_columns(const Csv& csv, const AccelergyClass& component);

}  // namespace wattention
