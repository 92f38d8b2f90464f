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
#include <string>
#include <vector>

#include "reports/document/phrases.hpp"
#include "reports/findings/pareto.hpp"
#include "reports/wording/utf8.hpp"
#include "reports/writer.hpp"
#include "sim/error.hpp"

namespace wattention {
namespace {

class CsvRow {
 public:
  void text(std::string_view column, std::string_view value) { cell(column) = csv_text(value); }
  void number(std::string_view column, double value) { cell(column) = csv_number(value); }
  void count(std::string_view column, std::uint64_t value) {
    cell(column) = fmt::format("{}", value);
  }
  void flag(std::string_view column, bool value) { cell(column) = value ? "true" : "false"; }
  void range(std::string_view name, const Range& value) {
    number(fmt::format("{}_low", name), value.low);
    number(fmt::format("{}_high", name), value.high);
  }

  std::string line() const { return fmt::format("{}\r\n", fmt::join(cells_, ",")); }

 private:
  std::string& cell(std::string_view column) {
    const auto* const found = std::ranges::find(csv_columns, column);
    if (found == csv_columns.end()) {
      throw Error(fmt::format("csv: expected a column of the header, found {}", column));
    }
    return cells_[static_cast<std::size_t>(found - csv_columns.begin())];
  }

  std::array<std::string, csv_columns.size()> cells_;
};

/// Makes a row of a record, with what tells the run that it belongs to.
using RowOf = std::function<CsvRow(std::string_view record)>;

RowOf rows_that_begin_as(std::size_t number, const std::string& label, const Result& run,
                         const std::string& network = "") {
  return [=, attention = run.attention](std::string_view record) {
    CsvRow row;
    row.text("record", record);
    row.count("run", number);
    row.text("network", network);
    row.text("attention", attention);
    row.text("label", label);
    return row;
  };
}

void set_totals(CsvRow& row, const Totals& totals) {
  for (const TotalGroup& group : total_groups) row.count(group.key, totals[group.total]);
}

void set_error(CsvRow& row, const std::optional<OutputError>& error) {
  if (!error) return;
  row.number("max_abs", error->max_abs);
  row.number("rmse", error->rmse);
  row.number("relative_l2", error->relative_l2);
  row.number("cosine", error->cosine);
}

/// What runs of attentions and of networks have in common.
void set_run(CsvRow& row, const Result& run) {
  row.text("options", options_text(run.options));
  row.text("mode", run.mode);
  row.text("precision", run.precision);
  row.text("accumulate", run.accumulate);
  row.text("accounting", run.accounting);
  row.text("input", run.input);
  row.text("table", run.table.name);
  row.text("table_title", run.table.title);
  row.number("node_nm", run.table.node_nm);
  row.text("table_unit", run.table.unit);
  row.text("memory_policy", run.memory);
  set_totals(row, run.totals);
  row.range("energy_pj", run.energy_pj.total);
  row.range("compute_pj", run.energy_pj.compute);
  if (run.energy_pj.memory != Range{}) row.range("memory_pj", run.energy_pj.memory);
  if (run.area_um2) row.number("area_um2", *run.area_um2);
  if (run.host_seconds) row.number("host_seconds", *run.host_seconds);
  row.text("notes", fmt::format("{}", fmt::join(run.notes, "; ")));
}

void set_operation(CsvRow& row, const OperationLine& line) {
  row.text("op", line.op);
  row.text("format", line.format);
  row.count("count", line.count);
  row.range("energy_pj", line.energy_pj);
  row.text("source", line.source);
  row.text("kind", line.kind);
}

std::string operation_rows(const RowOf& row_of, const Result& run) {
  std::string text;
  for (const OperationLine& line : run.operations) {
    CsvRow row = row_of("operation");
    row.text("phase", line.phase);
    set_operation(row, line);
    text += row.line();
  }
  return text;
}

std::string traffic_rows(const RowOf& row_of, const Result& run) {
  std::string text;
  for (const TrafficLine& line : run.traffic) {
    CsvRow traffic = row_of("traffic");
    traffic.text("phase", line.phase);
    traffic.text("level", line.level);
    traffic.flag("off_chip", line.off_chip);
    traffic.count("read_bytes", line.read_bytes);
    traffic.count("write_bytes", line.write_bytes);
    if (line.energy_pj != Range{}) traffic.range("energy_pj", line.energy_pj);
    traffic.text("source", line.source);
    traffic.text("kind", line.kind);
    text += traffic.line();
  }
  return text;
}

std::string reconciliation_rows(const RowOf& row_of, const Result& run) {
  std::string text;
  for (const ReconciledItem& item : run.reconciliation) {
    const auto row_of_item = [&](std::string_view record) {
      CsvRow row = row_of(record);
      row.text("phase", item.kind);
      row.text("item", item.item);
      return row;
    };
    CsvRow row = row_of_item("reconciliation");
    row.text("verdict", text_of(item.verdict));
    row.range("energy_pj", item.executed_pj);
    row.count("paper_multiplications", item.paper_multiplications);
    row.count("paper_additions", item.paper_additions);
    row.range("paper_pj", item.paper_pj);
    text += row.line();
    for (const OperationLine& line : item.executed) {
      CsvRow executed = row_of_item("executed");
      set_operation(executed, line);
      text += executed.line();
    }
  }
  return text;
}

std::string rows_of(std::size_t number, const Run& run, bool on_front) {
  const RowOf row_of = rows_that_begin_as(number, run.label, run);
  CsvRow row = row_of("run");
  set_run(row, run);
  row.count("heads", run.shape.heads);
  row.count("key_heads", run.shape.key_heads);
  row.count("queries", run.shape.queries);
  row.count("keys", run.shape.keys);
  row.count("head_dim", run.shape.head_dim);
  row.count("value_dim", run.shape.value_dim);
  row.flag("shared_queries_and_keys", run.shape.shared_queries_and_keys);
  set_error(row, run.error_vs_softmax);
  if (run.error_vs_softmax) row.flag("pareto", on_front);
  return row.line() + operation_rows(row_of, run) + traffic_rows(row_of, run) +
         reconciliation_rows(row_of, run);
}

std::string rows_of(std::size_t number, const NetworkRun& run) {
  const RowOf row_of = rows_that_begin_as(number, run.attention, run, run.network);
  CsvRow row = row_of("network");
  set_run(row, run);
  row.text("input_size", run.input_size);
  row.count("inputs", run.inputs);
  row.text("weights", run.weights);
  row.count("parameters", run.parameters);
  row.count("read_bytes", run.read_bytes);
  row.count("write_bytes", run.write_bytes);
  set_error(row, run.error_vs_native);
  if (run.accuracy) {
    row.count("images", run.accuracy->images);
    row.count("correct", run.accuracy->correct);
  }
  std::string text = row.line() + operation_rows(row_of, run) + traffic_rows(row_of, run);
  for (const LayerLine& layer : run.layers) {
    CsvRow line = row_of("layer");
    line.text("phase", layer.kind);
    line.text("layer", layer.name);
    line.text("layer_type", layer.type);
    line.text("layer_in", layer.in);
    line.text("layer_out", layer.out);
    line.flag("replaced", layer.replaced);
    set_totals(line, layer.totals);
    line.range("energy_pj", layer.energy_pj);
    text += line.line();
  }
  return text + reconciliation_rows(row_of, run);
}

class CsvWriter final : public Writer {
 public:
  std::string write(const Report& report) const override {
    std::string text = fmt::format("{}\r\n", fmt::join(csv_columns, ","));
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
