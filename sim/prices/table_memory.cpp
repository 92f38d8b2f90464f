#include "sim/prices/table_memory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/names.hpp"
#include "sim/prices/sram_energy.hpp"

namespace wattention {
namespace {

constexpr std::uint64_t widest_access_bits = 1U << 20U;
constexpr std::uint64_t longest_array_side = 1U << 20U;
constexpr std::string_view sram = "sram";

bool is_interpolated(const JsonCursor& cursor) {
  const auto interpolate = cursor.optional("interpolate");
  if (interpolate && !interpolate->boolean()) interpolate->fail("true, or no such key");
  return interpolate.has_value();
}

void read_energies(const JsonCursor& cursor, const References& references, MemoryLevel& level) {
  level.read_pj = read_range(cursor.required("read_pj"));
  level.write_pj = read_range(cursor.required("write_pj"));
  read_provenance(cursor, references, level);
}

MemoryLevel read_level(const JsonCursor& cursor, const References& references) {
  cursor.only_keys({"level", "technology", "capacity_bytes", "access_bits", "interpolate",
                    "read_pj", "write_pj", "source", "kind", "note"});
  MemoryLevel level;
  level.level = read_identifier(cursor.required("level"));
  if (const auto technology = cursor.optional("technology")) {
    level.technology = read_identifier(*technology);
  }
  if (const auto capacity = cursor.optional("capacity_bytes")) {
    level.capacity_bytes = capacity->unsigned_integer(1);
  }
  level.access_bits = cursor.required("access_bits").unsigned_integer(1, widest_access_bits);
  if (!is_interpolated(cursor)) {
    read_energies(cursor, references, level);
    return level;
  }
  for (const std::string_view key : {"read_pj", "write_pj", "source", "kind"}) {
    if (const auto stated = cursor.optional(key)) {
      stated->fail("nothing, as the level is interpolated");
    }
  }
  if (level.technology != sram) {
    cursor.required("technology").fail("\"sram\", which can be interpolated");
  }
  cursor.required("capacity_bytes").unsigned_integer(1);
  return level;
}

void add_point(std::vector<SramPoint>& points, const SramPoint& point, const JsonCursor& capacity) {
  if (!points.empty() && points.front().access_bits != point.access_bits) {
    capacity.fail("SRAM energies of accesses of one width",
                  fmt::format("{} and {} bits", points.front().access_bits, point.access_bits));
  }
  const auto at =
      std::ranges::lower_bound(points, point.capacity_bytes, {}, &SramPoint::capacity_bytes);
  if (at != points.end() && at->capacity_bytes == point.capacity_bytes) {
    capacity.fail("the SRAM energy of each capacity once",
                  fmt::format("{} bytes twice", point.capacity_bytes));
  }
  points.insert(at, point);
}

void demand_order(const MemoryLevel& inner, const MemoryLevel& level, const JsonCursor& cursor) {
  if (!inner.capacity_bytes) {
    cursor.fail("no level outside one without capacity_bytes",
                fmt::format("{} outside {}", level.level, inner.level));
  }
  if (level.capacity_bytes && *level.capacity_bytes <= *inner.capacity_bytes) {
    cursor.required("capacity_bytes")
        .fail(fmt::format("more than the {} of {}", *inner.capacity_bytes, inner.level));
  }
}

/// Energies of SRAM levels that state them serve the others.
void add_points_of_levels(const std::vector<MemoryLevel>& levels,
                          const std::vector<JsonCursor>& cursors, std::vector<SramPoint>& points) {
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const MemoryLevel& level = levels[i];
    if (level.technology != sram || !level.capacity_bytes || is_interpolated(cursors[i])) continue;
    add_point(points,
              {*level.capacity_bytes, level.access_bits, level.read_pj, level.write_pj,
               level.source, level.kind},
              cursors[i].required("capacity_bytes"));
  }
}

void interpolate(MemoryLevel& level, const std::vector<SramPoint>& points,
                 const JsonCursor& cursor) {
  const JsonCursor capacity = cursor.required("capacity_bytes");
  const SramPoint energy =
      sram_energy(points, *level.capacity_bytes, capacity.file(), capacity.pointer());
  if (energy.access_bits != level.access_bits) {
    cursor.required("access_bits")
        .fail(fmt::format("{}, the width of the SRAM energies", energy.access_bits));
  }
  level.read_pj = energy.read_pj;
  level.write_pj = energy.write_pj;
  level.source = energy.source;
  level.kind = energy.kind;
  level.note = energy.note;
  if (const auto note = cursor.optional("note")) level.note += " " + read_text(*note);
}

}  // namespace

std::vector<SramPoint> read_sram_points(const JsonCursor& cursor, const References& references) {
  std::vector<SramPoint> points;
  for (const JsonCursor& element : cursor.elements()) {
    element.only_keys(
        {"capacity_bytes", "access_bits", "read_pj", "write_pj", "source", "kind", "note"});
    SramPoint point;
    const JsonCursor capacity = element.required("capacity_bytes");
    point.capacity_bytes = capacity.unsigned_integer(1);
    point.access_bits = element.required("access_bits").unsigned_integer(1, widest_access_bits);
    point.read_pj = read_range(element.required("read_pj"));
    point.write_pj = read_range(element.required("write_pj"));
    read_provenance(element, references, point);
    add_point(points, point, capacity);
  }
  return points;
}

std::vector<MemoryLevel> read_memory(const JsonCursor& cursor, const References& references,
                                     std::vector<SramPoint> points) {
  std::vector<MemoryLevel> levels;
  const std::vector<JsonCursor> elements = cursor.elements();
  bool any_interpolated = false;
  for (const JsonCursor& element : elements) {
    MemoryLevel level = read_level(element, references);
    if (std::ranges::find(levels, level.level, &MemoryLevel::level) != levels.end()) {
      element.required("level").fail("each level once", level.level + " twice");
    }
    if (!levels.empty()) demand_order(levels.back(), level, element);
    levels.push_back(std::move(level));
    any_interpolated = any_interpolated || is_interpolated(element);
  }
  if (!any_interpolated) return levels;
  add_points_of_levels(levels, elements, points);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (is_interpolated(elements[i])) interpolate(levels[i], points, elements[i]);
  }
  return levels;
}

ProcessingArray read_array(const JsonCursor& cursor, const References& references) {
  cursor.only_keys({"rows", "cols", "source", "kind", "note"});
  ProcessingArray array;
  array.rows = cursor.required("rows").unsigned_integer(1, longest_array_side);
  array.cols = cursor.required("cols").unsigned_integer(1, longest_array_side);
  read_provenance(cursor, references, array);
  return array;
}

std::vector<Overhead> read_overheads(const JsonCursor& cursor, const References& references) {
  std::vector<Overhead> overheads;
  for (const auto& [key, member] : cursor.members()) {
    demand_identifier(key, member);
    member.only_keys({"energy_pj", "source", "kind", "note"});
    Overhead& overhead = overheads.emplace_back();
    overhead.name = key;
    overhead.energy_pj = read_range(member.required("energy_pj"));
    read_provenance(member, references, overhead);
  }
  return overheads;
}

}  // namespace wattention
