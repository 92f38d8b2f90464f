#pragma once

// What CSV files and databases hold of a report. A column is described once, by its names and the
// member that it holds; writers and readers loop over these descriptions. A range takes two
// columns, NAME_low and NAME_high, and totals take one for every group of operations.
//
// A database has a table for runs, one for operations and so on, so that its names are short; a CSV
// file has all columns beside each other, and some names are longer there.

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "reports/report.hpp"
#include "reports/totals.hpp"

namespace wattention {

template <class Owner, class Value>
struct ColumnOf {
  std::string_view in_database;
  std::string_view in_csv;
  Value Owner::*member;
};

template <class Owner, class Value>
constexpr ColumnOf<Owner, Value> column(std::string_view name, Value Owner::*member) {
  return {name, name, member};
}

template <class Owner, class Value>
constexpr ColumnOf<Owner, Value> column(std::string_view in_database, std::string_view in_csv,
                                        Value Owner::*member) {
  return {in_database, in_csv, member};
}

/// How a run came about.
inline constexpr std::tuple result_columns{column("mode", &Result::mode),
                                           column("precision", &Result::precision),
                                           column("accumulate", &Result::accumulate),
                                           column("accounting", &Result::accounting),
                                           column("memory", "memory_policy", &Result::memory),
                                           column("input", &Result::input)};

inline constexpr std::tuple table_columns{
    column("name", "table", &Result::Table::name),
    column("title", "table_title", &Result::Table::title),
    column("node_nm", &Result::Table::node_nm), column("unit", "table_unit", &Result::Table::unit),
    column("unit_note", "table_unit_note", &Result::Table::unit_note)};

inline constexpr std::tuple shape_columns{
    column("heads", &Run::Shape::heads),
    column("key_heads", &Run::Shape::key_heads),
    column("queries", &Run::Shape::queries),
    column("keys", &Run::Shape::keys),
    column("head_dim", &Run::Shape::head_dim),
    column("value_dim", &Run::Shape::value_dim),
    column("shared", "shared_queries_and_keys", &Run::Shape::shared_queries_and_keys)};

inline constexpr std::tuple network_columns{column("layer_precision", &NetworkRun::layer_precision),
                                            column("title", "network_title", &NetworkRun::title),
                                            column("weights", &NetworkRun::weights),
                                            column("input_size", &NetworkRun::input_size),
                                            column("inputs", &NetworkRun::inputs),
                                            column("parameters", &NetworkRun::parameters),
                                            column("read_bytes", &NetworkRun::read_bytes),
                                            column("write_bytes", &NetworkRun::write_bytes)};

inline constexpr std::tuple energy_columns{column("compute_pj", &Energy::compute),
                                           column("memory_pj", &Energy::memory),
                                           column("total_pj", "energy_pj", &Energy::total)};

/// What a run took, beside its energy.
inline constexpr std::tuple figure_columns{column("area_um2", &Result::area_um2),
                                           column("host_seconds", &Result::host_seconds)};

inline constexpr std::tuple operation_columns{
    column("phase", &OperationLine::phase), column("op", &OperationLine::op),
    column("format", &OperationLine::format), column("count", &OperationLine::count),
    column("energy_pj", &OperationLine::energy_pj)};

inline constexpr std::tuple traffic_columns{column("phase", &TrafficLine::phase),
                                            column("level", &TrafficLine::level),
                                            column("off_chip", &TrafficLine::off_chip),
                                            column("read_bytes", &TrafficLine::read_bytes),
                                            column("write_bytes", &TrafficLine::write_bytes),
                                            column("energy_pj", &TrafficLine::energy_pj),
                                            column("access_bits", &TrafficLine::access_bits),
                                            column("read_accesses", &TrafficLine::read_accesses),
                                            column("write_accesses", &TrafficLine::write_accesses),
                                            column("read_pj", &TrafficLine::read_pj),
                                            column("write_pj", &TrafficLine::write_pj)};

/// Where the price of an operation or of a level comes from.
template <class Line>
inline constexpr std::tuple price_columns{column("source", &Line::source),
                                          column("kind", &Line::kind)};

inline constexpr std::tuple error_columns{
    column("max_abs", &OutputError::max_abs), column("rmse", &OutputError::rmse),
    column("relative_l2", &OutputError::relative_l2), column("cosine", &OutputError::cosine)};

inline constexpr std::tuple layer_columns{column("name", "layer", &LayerLine::name),
                                          column("type", "layer_type", &LayerLine::type),
                                          column("kind", "phase", &LayerLine::kind),
                                          column("size_in", "layer_in", &LayerLine::in),
                                          column("size_out", "layer_out", &LayerLine::out),
                                          column("replaced", &LayerLine::replaced),
                                          column("", &LayerLine::totals),
                                          column("compute_pj", "energy_pj", &LayerLine::energy_pj)};

inline constexpr std::tuple totals_columns{column("", &Result::totals)};
inline constexpr std::tuple accuracy_columns{column("images", &Accuracy::images),
                                             column("correct", &Accuracy::correct)};

/// Calls visit(name, value) with every single value of a column.
template <class Value, class Visit>
void for_each_cell_of(std::string_view name, Value& value, const Visit& visit) {
  using Plain = std::remove_const_t<Value>;
  if constexpr (std::is_same_v<Plain, Range>) {
    visit(std::string(name) + "_low", value.low);
    visit(std::string(name) + "_high", value.high);
  } else if constexpr (std::is_same_v<Plain, Totals>) {
    for (const TotalGroup& group : total_groups) visit(std::string(group.key), value[group.total]);
  } else {
    visit(std::string(name), value);
  }
}

/// Calls visit(name, value) for the columns of a line, in their order, with the names that they
/// have in a database; values can be written to where the line can.
template <class... Columns, class Line, class Visit>
void for_each_database_cell(const std::tuple<Columns...>& columns, Line& line, const Visit& visit) {
  std::apply(
      [&](const auto&... one) {
        (for_each_cell_of(one.in_database, line.*one.member, visit), ...);
      },
      columns);
}

/// The same with the names of CSV files.
template <class... Columns, class Line, class Visit>
void for_each_csv_cell(const std::tuple<Columns...>& columns, const Line& line,
                       const Visit& visit) {
  std::apply(
      [&](const auto&... one) { (for_each_cell_of(one.in_csv, line.*one.member, visit), ...); },
      columns);
}

}  // namespace wattention
