#include "sim/prices/accelergy_class.hpp"

#include <algorithm>
#include <string>

#include "sim/names.hpp"

namespace wattention {

const std::vector<AccelergyClass>& accelergy_classes() {
  static const std::vector<AccelergyClass> classes{
      {"intadder", Numbers::integer, Op::add, {"add"}},
      {"fpadder", Numbers::floating, Op::add, {"add"}},
      {"aladdin_adder", Numbers::integer, Op::add, {"add"}},
      {"intmultiplier", Numbers::integer, Op::mul, {"mult_random"}},
      {"fpmultiplier", Numbers::floating, Op::mul, {"mult_random"}},
      {"aladdin_multiplier", Numbers::integer, Op::mul, {"multiply"}},
      {"intmac", Numbers::integer, Op::mac, {"mac_random"}},
      {"fpmac", Numbers::floating, Op::mac, {"mac_random"}},
      {"comparator", Numbers::integer, Op::compare, {"compare"}},
      {"aladdin_comparator", Numbers::integer, Op::compare, {"compare"}},
      {"shifter", Numbers::integer, Op::shift, {"shift"}},
      {"bitwise", Numbers::bits, Op::logic, {"process"}},
      {"regfile", Numbers::memory, Op::lookup, {"read", "write"}},
      {"sram", Numbers::memory, Op::lookup, {"read", "write"}},
      {"dram", Numbers::memory, Op::lookup, {"read", "write"}}};
  return classes;
}

const AccelergyClass* accelergy_class(std::string_view stem) {
  std::string name(stem);
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const auto found = std::ranges::find(accelergy_classes(), name, &AccelergyClass::name);
  return found == accelergy_classes().end() ? nullptr : &*found;
}

std::optional<Format> integer_format(std::uint64_t bits) {
  for (const Format format : {Format::int8, Format::int16, Format::int32}) {
    if (bits == bits_of(format)) return format;
  }
  return std::nullopt;
}

std::optional<Format> floating_format(std::uint64_t exponent, std::uint64_t mantissa) {
  if (exponent == 8 && (mantissa == 23 || mantissa == 24)) return Format::fp32;
  if (exponent == 5 && (mantissa == 10 || mantissa == 11)) return Format::fp16;
  if (exponent == 8 && (mantissa == 7 || mantissa == 8)) return Format::bf16;
  return std::nullopt;
}

std::optional<std::string_view> width_column(const Csv& csv, Numbers numbers) {
  const bool words = numbers == Numbers::memory;
  for (const std::string_view name :
       {words ? "width" : "datawidth", words ? "datawidth" : "width"}) {
    if (csv.column(name)) return name;
  }
  return std::nullopt;
}

std::string missing_columns(const Csv& csv, const AccelergyClass& component) {
  std::vector<std::string> missing;
  const auto demand = [&](std::string_view column) {
    if (!csv.column(column)) missing.emplace_back(column);
  };
  for (const std::string_view column : {"technology", "action", "energy"}) demand(column);
  if (component.numbers == Numbers::floating) {
    demand("exponent");
    demand("mantissa");
  } else if (!width_column(csv, component.numbers)) {
    missing.emplace_back(component.numbers == Numbers::memory ? "width" : "datawidth");
  }
  if (component.numbers == Numbers::memory && component.name != "dram") demand("depth");
  return joined(missing);
}

}  // namespace wattention
