// Writer "csv": one table for every report, for spreadsheets and programs. A row is a run, or a
// part of one: column `record` says which. Numbers are raw; what does not apply is empty.

#include "reports/formats/csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "reports/columns.hpp"
#include "reports/document/phrases.hpp"
#include "reports/findings/pareto.hpp"
#include "reports/wording/utf8.hpp"
#include "reports/writer.hpp"
#include "sim/error.hpp"

namespace wattention {
namespace {

/// The columns that more than one record has, or that no description of a line holds, and then
/// those of every line; a name that comes twice is one column.
std::vector<std::string> all_columns() {
  std::vector<std::string> columns{"record", "run", "network", "attention", "label", "options"};
  const auto add = [&columns](const std::string& name, const auto& /*value*/) {
    if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
  };
  for_each_csv_cell(result_columns, Result{}, add);
  for_each_csv_cell(network_columns, NetworkRun{}, add);
  for_each_csv_cell(table_columns, Result::Table{}, add);
  for_each_csv_cell(shape_columns, Run::Shape{}, add);
  for_each_csv_cell(operation_columns, OperationLine{}, add);
  for_each_csv_cell(traffic_columns, TrafficLine{}, add);
  for_each_csv_cell(layer_columns, LayerLine{}, add);
  for (const char* name : {"item", "verdict", "paper_multiplications", "paper_additions",
                           "paper_pj_low", "paper_pj_high"}) {
    columns.emplace_back(name);
  }
  for_each_csv_cell(energy_columns, Energy{}, add);
  for_each_csv_cell(figure_columns, Result{}, add);
  for_each_csv_cell(error_columns, OutputError{}, add);
  columns.emplace_back("pareto");
  for_each_csv_cell(accuracy_columns, Accuracy{}, add);
  for_each_csv_cell(price_columns<OperationLine>, OperationLine{}, add);
  columns.emplace_back("notes");
  return columns;
}

std::string cell_of(std::string_view text) { return csv_text(text); }
std::string cell_of(const std::string& text) { return csv_text(text); }
std::string cell_of(const char* text) { return csv_text(text); }
std::string cell_of(double number) { return csv_number(number); }
std::string cell_of(std::uint64_t count) { return fmt::format("{}", count); }
std::string cell_of(bool flag) { return flag ? "true" : "false"; }
template <class Value>
std::string cell_of(const std::optional<Value>& value) {
  return value ? cell_of(*value) : "";
}

class CsvRow {
 public:
  template <class Value>
  void set(std::string_view column, const Value& value) {
    cell(column) = cell_of(value);
  }
  void set(std::string_view column, const Range& range) {
    for_each_cell_of(column, range,
                     [this](const std::string& name, double end) { set(name, end); });
  }
  /// Every column of the line.
  template <class... Columns, class Line>
  void set(const std::tuple<Columns...>& columns, const Line& line) {
    for_each_csv_cell(columns, line, [this](const std::string& name, const auto& value) {
      this->set(name, value);
    });
  }
  /// The energies of what has no price.
  void clear(std::initializer_list<std::string_view> ranges) {
    const Range none;
    for (const std::string_view range : ranges) {
      for_each_cell_of(range, none,
                       [this](const std::string& name, double) { cell(name).clear(); });
    }
  }

  std::string line() const { return fmt::format("{}\r\n", fmt::join(cells_, ",")); }

 private:
  std::string& cell(std::string_view column) {
    const auto found = std::ranges::find(csv_columns(), column);
    if (found == csv_columns().end()) {
      throw Error(fmt::format("csv: expected a column of the header, found {}", column));
    }
    return cells_[static_cast<std::size_t>(found - csv_columns().begin())];
  }

  std::vector<std::string> cells_ = std::vector<std::string>(csv_columns().size());
};

/// Makes a row of a record, with what tells the run that it belongs to.
using RowOf = std::function<CsvRow(std::string_view record)>;

RowOf rows_that_begin_as(std::size_t number, const std::string& label, const Result& run,
                         const std::string& network = "") {
  return [=, attention = run.attention](std::string_view record) {
    CsvRow row;
    row.set("record", record);
    row.set("run", std::uint64_t{number});
    row.set("network", network);
    row.set("attention", attention);
    row.set("label", label);
    return row;
  };
}

/// What runs of attentions and of networks have in common.
void set_run(CsvRow& row, const Result& run, const std::optional<OutputError>& error) {
  row.set("options", options_text(run.options));
  row.set(result_columns, run);
  row.set(table_columns, run.table);
  row.set(totals_columns, run);
  row.set(energy_columns, run.energy_pj);
  if (run.energy_pj.memory == Range{}) row.clear({"memory_pj"});
  row.set(figure_columns, run);
  if (error) row.set(error_columns, *error);
  row.set("notes", fmt::format("{}", fmt::join(run.notes, "; ")));
}

void set_operation(CsvRow& row, const OperationLine& line) {
  row.set(operation_columns, line);
  row.set(price_columns<OperationLine>, line);
}

std::string operation_rows(const RowOf& row_of, const Result& run) {
  std::string text;
  for (const OperationLine& line : run.operations) {
    CsvRow row = row_of("operation");
    set_operation(row, line);
    text += row.line();
  }
  return text;
}

std::string traffic_rows(const RowOf& row_of, const Result& run) {
  std::string text;
  for (const TrafficLine& line : run.traffic) {
    CsvRow row = row_of("traffic");
    row.set(traffic_columns, line);
    row.set(price_columns<TrafficLine>, line);
    if (line.energy_pj == Range{}) row.clear({"energy_pj", "read_pj", "write_pj"});
    text += row.line();
  }
  return text;
}

std::string reconciliation_rows(const RowOf& row_of, const Result& run) {
  std::string text;
  for (const ReconciledItem& item : run.reconciliation) {
    const auto set_item = [&item](CsvRow& row) {
      row.set("phase", item.kind);
      row.set("item", item.item);
    };
    CsvRow row = row_of("reconciliation");
    set_item(row);
    row.set("verdict", text_of(item.verdict));
    row.set("energy_pj", item.executed_pj);
    row.set("paper_multiplications", item.paper_multiplications);
    row.set("paper_additions", item.paper_additions);
    row.set("paper_pj", item.paper_pj);
    text += row.line();
    for (const OperationLine& line : item.executed) {
      CsvRow executed = row_of("executed");
      set_operation(executed, line);
      set_item(executed);
      text += executed.line();
    }
  }
  return text;
}

std::string rows_of(std::size_t number, const Run& run, bool on_front) {
  const RowOf row_of = rows_that_begin_as(number, run.label, run);
  CsvRow row = row_of("run");
  set_run(row, run, run.error_vs_softmax);
  row.set(shape_columns, run.shape);
  if (run.error_vs_softmax) row.set("pareto", on_front);
  return row.line() + operation_rows(row_of, run) + traffic_rows(row_of, run) +
         reconciliation_rows(row_of, run);
}

std::string rows_of(std::size_t number, const NetworkRun& run) {
  const RowOf row_of = rows_that_begin_as(number, run.attention, run, run.network);
  CsvRow row = row_of("network");
  set_run(row, run, run.error_vs_native);
  row.set(network_columns, run);
  if (run.accuracy) row.set(accuracy_columns, *run.accuracy);
  std::string text = row.line() + operation_rows(row_of, run) + traffic_rows(row_of, run);
  for (const LayerLine& layer : run.layers) {
    CsvRow line = row_of("layer");
    line.set(layer_columns, layer);
    text += line.line();
  }
  return text + reconciliation_rows(row_of, run);
}

class CsvWriter final : public Writer {
 public:
  std::string write(const Report& report) const override {
    std::string text = fmt::format("{}\r\n", fmt::join(csv_columns(), ","));
    const std::vector<bool> front = pareto_front(report);
    std::size_t number = 0;
    for (const Run& run : report.runs) {
      text += rows_of(number + 1, run, front[number]);
      ++number;
    }
    for (const NetworkRun& run : report.networks) text += rows_of(++number, run);
    return text;
  }
};

const Registration<Writer, CsvWriter> registration{
    "csv", "every number exactly in one table, for spreadsheets and programs"};

}  // namespace

const std::vector<std::string>& csv_columns() {
  static const std::vector<std::string> columns = all_columns();
  return columns;
}

std::string csv_text(std::string_view text) {
  std::string clean = cleaned(text);
  constexpr std::string_view formula = "=+-@";
  if (!clean.empty() && formula.find(clean.front()) != std::string_view::npos) {
    clean.insert(0, 1, '\'');
  }
  if (clean.find_first_of(",\"") == std::string::npos && !clean.starts_with(' ') &&
      !clean.ends_with(' ')) {
    return clean;
  }
  std::string quoted = "\"";
  for (const char c : clean) {
    if (c == '"') quoted += c;
    quoted += c;
  }
  return quoted + "\"";
}

std::string csv_number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}

}  // namespace wattention
