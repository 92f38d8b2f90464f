#pragma once

// A hardware cost table: what each operation on each format costs (pJ, and um2 where known), and
// the memory levels from the innermost outward. Read from JSON (energy_tables/schema.json describes
// the format) and immutable afterwards. Every price has a source and a kind; what the table does
// not list has no price, it is never 0. A price is a range [low, high]; a composition
// ("exp": {"mul": 4, "add": 4}) is resolved at load. Damaged tables throw InputError with file and
// JSON pointer.

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

#include "sim/op.hpp"
#include "sim/range.hpp"

namespace wattention {

struct Json;

/// How a number came to be: printed in a source, by a formula over published numbers, or assumed.
enum class Kind : std::uint8_t { published, derived, estimated };
inline constexpr std::array<std::string_view, 3> kind_names{"published", "derived", "estimated"};
constexpr std::string_view name_of(Kind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

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

class EnergyTable {
 public:
  static EnergyTable parse(std::string_view text, std::string_view file);
  static EnergyTable load(const std::filesystem::path& path);

  const std::string& name() const { return name_; }
  const std::string& title() const { return title_; }
  const std::string& note() const { return note_; }
  double node_nm() const { return node_nm_; }
  std::optional<double> voltage_v() const { return voltage_v_; }
  const std::map<std::string, std::string, std::less<>>& references() const { return references_; }

  /// Empty where the table does not price the operation.
  const std::optional<Price>& price(Op op, Format format) const {
    return prices_[static_cast<std::size_t>(format)][static_cast<std::size_t>(op)];
  }
  /// From the innermost outward; capacities grow, and only the last may be unbounded.
  const std::vector<MemoryLevel>& memory() const { return memory_; }
  const std::vector<Overhead>& overheads() const { return overheads_; }

 private:
  EnergyTable() = default;
  static EnergyTable read(const Json& document);

  std::string name_;
  std::string title_;
  std::string note_;
  double node_nm_ = 0.0;
  std::optional<double> voltage_v_;
  std::map<std::string, std::string, std::less<>> references_;
  std::array<std::array<std::optional<Price>, op_count>, format_count> prices_;
  std::vector<MemoryLevel> memory_;
  std::vector<Overhead> overheads_;
};

}  // namespace wattention
