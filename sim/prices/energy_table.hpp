#pragma once

// A hardware cost table: what each operation on each format costs (pJ, and um2 where known), the
// memory levels from the innermost outward, and the array of processing elements. Read from JSON
// (energy_tables/schema.json describes the format) and immutable afterwards. Every price has a
// source and a kind; what the table does not list has no price, it is never 0. A price is a range
// [low, high]; a composition ("exp": {"mul": 4, "add": 4}) is resolved at load, and where an
// operation is built in two ways ("exp": [{"mul": 1.84}, {"mul": 4, "add": 4}]) its price is the
// range that spans both. Some tables know costs only relative to each other: their "pJ" are units
// that `unit_note` explains. Damaged tables throw InputError with file and JSON pointer.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/ledger/op.hpp"
#include "sim/provenance.hpp"
#include "sim/range.hpp"

namespace wattention {

struct Json;

/// What energies are in: picojoules, or multiples of something that the table names.
enum class Unit : std::uint8_t { picojoule, relative };
template <>
inline constexpr auto names_of<Unit> = names("pJ", "relative");

/// A composition's part: `factor` times an operation.
struct Component {
  Op op;
  Format format;
  double factor;
};

struct Price {
  Range energy_pj;
  std::optional<double> area_um2;
  std::string source;  // the reference, written out
  Kind kind = Kind::estimated;
  std::string note;
  std::vector<Component> composition;  // empty where the energy is a number
  std::vector<Component> alternative;  // the other way to build it, where the table gives two
};

/// Processing elements that work at the same time, and pass operands along rows and columns.
struct ProcessingArray {
  std::uint64_t rows = 0;
  std::uint64_t cols = 0;
  std::string source;
  Kind kind = Kind::estimated;
  std::string note;
};

/// The energy of one access of `access_bits` to an SRAM of that capacity.
struct SramPoint {
  std::uint64_t capacity_bytes = 0;
  std::uint64_t access_bits = 0;
  Range read_pj;
  Range write_pj;
  std::string source = {};
  Kind kind = Kind::estimated;
  std::string note = {};
};

/// Energies are those of one access of `access_bits`.
struct MemoryLevel {
  std::string level;
  std::string technology;
  std::optional<std::uint64_t> capacity_bytes;  // unbounded where absent
  std::uint64_t access_bits = 0;
  Range read_pj;
  Range write_pj;
  std::string source;
  Kind kind = Kind::estimated;
  std::string note;

  /// DRAM, whatever its bus, and what has no bound.
  bool off_chip() const { return technology == "dram" || !capacity_bytes; }
};

/// A cost that the source states beside its operations, such as fetching an instruction. Reported
/// by `table show`, charged nowhere.
struct Overhead {
  std::string name;
  Range energy_pj;
  std::string source;
  Kind kind = Kind::estimated;
  std::string note;
};

/// "3.7", "1300-2600": six digits at most.
std::string text_of(const Range& range);

class EnergyTable {
 public:
  static EnergyTable read(const Json& document);
  static EnergyTable parse(std::string_view text, std::string_view file);
  static EnergyTable load(const std::filesystem::path& path);

  const std::string& name() const { return name_; }
  const std::string& title() const { return title_; }
  const std::string& note() const { return note_; }
  double node_nm() const { return node_nm_; }
  std::optional<double> voltage_v() const { return voltage_v_; }
  Unit unit() const { return unit_; }
  /// What one unit is, where costs are relative.
  const std::string& unit_note() const { return unit_note_; }
  const std::map<std::string, std::string, std::less<>>& references() const { return references_; }

  /// Empty where the table does not price the operation.
  const std::optional<Price>& price(Op op, Format format) const {
    return prices_[static_cast<std::size_t>(format)][static_cast<std::size_t>(op)];
  }
  /// From the innermost outward; capacities grow, and only the last may be unbounded.
  const std::vector<MemoryLevel>& memory() const { return memory_; }
  const std::optional<ProcessingArray>& array() const { return array_; }
  const std::vector<Overhead>& overheads() const { return overheads_; }

 private:
  EnergyTable() = default;

  std::string name_;
  std::string title_;
  std::string note_;
  double node_nm_ = 0.0;
  std::optional<double> voltage_v_;
  Unit unit_ = Unit::picojoule;
  std::string unit_note_;
  std::map<std::string, std::string, std::less<>> references_;
  std::array<std::array<std::optional<Price>, op_count>, format_count> prices_;
  std::vector<MemoryLevel> memory_;
  std::optional<ProcessingArray> array_;
  std::vector<Overhead> overheads_;
};

}  // namespace wattention
