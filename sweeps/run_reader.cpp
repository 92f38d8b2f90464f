#include "sweeps/run_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <optional>
#include <tuple>

#include "reports/columns.hpp"
#include "sim/error.hpp"
#include "sim/names.hpp"
#include "sweeps/schema.hpp"

namespace wattention {
namespace {

/// Reads one column after the other; a value of another type than expected is damage.
class Columns {
 public:
  Columns(const std::string& file, SQLite::Statement& row) : file_(file), row_(row) {}

  void operator()(std::string& text) {
    const SQLite::Column column = row_.getColumn(next_++);
    if (!column.isText()) refuse(column, "a text");
    text = column.getString();
  }
  void operator()(std::int64_t& number) {
    const SQLite::Column column = row_.getColumn(next_++);
    if (!column.isInteger()) refuse(column, "an integer");
    number = column.getInt64();
  }
  void operator()(std::uint64_t& number) {
    std::int64_t value = 0;
    (*this)(value);
    if (value < 0) refuse(row_.getColumn(next_ - 1), "an integer >= 0");
    number = static_cast<std::uint64_t>(value);
  }
  void operator()(bool& truth) {
    std::uint64_t value = 0;
    (*this)(value);
    truth = value != 0;
  }
  void operator()(double& number) {
    const SQLite::Column column = row_.getColumn(next_++);
    if (!column.isFloat() && !column.isNull()) refuse(column, "a real number or NULL");
    number = column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
  }
  void operator()(std::optional<double>& number) {
    if (row_.isColumnNull(next_)) {
      ++next_;
      number.reset();
    } else {
      (*this)(number.emplace());
    }
  }

  /// Every column of the line.
  template <class... Described, class Line>
  void all(const std::tuple<Described...>& columns, Line& line) {
    for_each_database_cell(columns, line,
                           [this](const std::string& /*name*/, auto& value) { (*this)(value); });
  }
  template <class Value>
  Value next() {
    Value value{};
    (*this)(value);
    return value;
  }

 private:
  [[noreturn]] void refuse(const SQLite::Column& column, std::string_view expected) const {
    throw InputError(file_, std::string("column ") + column.getName(), expected,
                     "something else: the database is damaged");
  }

  const std::string& file_;
  SQLite::Statement& row_;
  int next_ = 0;
};

std::string listed(std::initializer_list<std::vector<std::string>> columns) {
  std::vector<std::string> names;
  for (const auto& some : columns) names.insert(names.end(), some.begin(), some.end());
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The columns that runs of both kinds end with.
std::vector<std::string> ends_of_runs() {
  std::vector<std::string> names;
  for (const auto& some : {names_in_database<Result>(totals_columns, "runs."),
                           names_in_database<Energy>(energy_columns, "runs."),
                           names_in_database<Result>(figure_columns, "runs."),
                           names_in_database<Result::Table>(table_columns, "tables.")}) {
    names.insert(names.end(), some.begin(), some.end());
  }
  return names;
}

constexpr std::string_view of_one_run =
    "FROM runs JOIN tables ON tables.id = runs.table_id WHERE runs.id = ?";

class Reader {
 public:
  explicit Reader(Database& database)
      : file_(database.path()),
        kind_(database.connection(), fmt::format("SELECT kind {}", of_one_run)),
        attention_(database.connection(),
                   fmt::format("SELECT {} {}",
                               listed({{"attention", "label"},
                                       names_in_database<Result>(result_columns, "runs."),
                                       names_in_database<Run::Shape>(shape_columns, "runs."),
                                       ends_of_runs()}),
                               of_one_run)),
        network_(database.connection(),
                 fmt::format("SELECT {} {}",
                             listed({{"network", "attention"},
                                     names_in_database<Result>(result_columns, "runs."),
                                     names_in_database<NetworkRun>(network_columns, "runs."),
                                     ends_of_runs()}),
                             of_one_run)),
        options_(database.connection(),
                 "SELECT name, type, value FROM options WHERE run = ? ORDER BY position"),
        operations_(
            database.connection(),
            fmt::format("SELECT {} FROM operations JOIN prices ON prices.id = price WHERE run = ? "
                        "ORDER BY position",
                        listed({names_in_database<OperationLine>(operation_columns),
                                names_in_database<OperationLine>(price_columns<OperationLine>)}))),
        traffic_(
            database.connection(),
            fmt::format("SELECT {} FROM traffic JOIN prices ON prices.id = price WHERE run = ? "
                        "ORDER BY position",
                        listed({names_in_database<TrafficLine>(traffic_columns),
                                names_in_database<TrafficLine>(price_columns<TrafficLine>)}))),
        errors_(database.connection(),
                fmt::format("SELECT {} FROM errors WHERE run = ?",
                            listed({names_in_database<OutputError>(error_columns)}))),
        layers_(database.connection(),
                fmt::format("SELECT {} FROM layers WHERE run = ? ORDER BY position",
                            listed({names_in_database<LayerLine>(layer_columns)}))),
        notes_(database.connection(), "SELECT note FROM notes WHERE run = ? ORDER BY position") {}

  std::variant<Run, NetworkRun> read(std::int64_t id) {
    if (first(kind_, id).next<std::string>() == "attention") return read_attention(id);
    return read_network(id);
  }

 private:
  Run read_attention(std::int64_t id) {
    Run r;
    Columns row = first(attention_, id);
    row(r.attention);
    row(r.label);
    row.all(result_columns, r);
    row.all(shape_columns, r.shape);
    read_end(row, r);
    r.error_vs_softmax = parts(id, r);
    return r;
  }

  NetworkRun read_network(std::int64_t id) {
    NetworkRun r;
    Columns row = first(network_, id);
    row(r.network);
    row(r.attention);
    row.all(result_columns, r);
    row.all(network_columns, r);
    read_end(row, r);
    r.error_vs_native = parts(id, r);
    for_each(layers_, id,
             [&r](Columns& line) { line.all(layer_columns, r.layers.emplace_back()); });
    return r;
  }

  static void read_end(Columns& row, Result& r) {
    row.all(totals_columns, r);
    row.all(energy_columns, r.energy_pj);
    row.all(figure_columns, r);
    row.all(table_columns, r.table);
  }

  Columns first(SQLite::Statement& query, std::int64_t id) {
    query.reset();
    query.bind(1, id);
    if (!query.executeStep()) {
      throw InputError(file_, fmt::format("run {}", id), "a cost table", "none");
    }
    return {file_, query};
  }

  template <class Visit>
  void for_each(SQLite::Statement& query, std::int64_t id, const Visit& visit) {
    query.reset();
    query.bind(1, id);
    while (query.executeStep()) {
      Columns row(file_, query);
      visit(row);
    }
  }

  std::optional<OutputError> parts(std::int64_t id, Result& r) {
    for_each(options_, id, [&](Columns& row) {
      const auto name = row.next<std::string>();
      r.options.emplace_back(name, option_value(row.next<std::string>(), row));
    });
    for_each(operations_, id, [&r](Columns& row) {
      OperationLine& line = r.operations.emplace_back();
      row.all(operation_columns, line);
      row.all(price_columns<OperationLine>, line);
    });
    for_each(traffic_, id, [&r](Columns& row) {
      TrafficLine& line = r.traffic.emplace_back();
      row.all(traffic_columns, line);
      row.all(price_columns<TrafficLine>, line);
    });
    for_each(notes_, id, [&r](Columns& row) { row(r.notes.emplace_back()); });
    std::optional<OutputError> error;
    for_each(errors_, id, [&error](Columns& row) { row.all(error_columns, error.emplace()); });
    return error;
  }

  OptionValue option_value(const std::string& type, Columns& row) const {
    if (type == "boolean") return row.next<bool>();
    if (type == "integer") return row.next<std::int64_t>();
    if (type == "real") return row.next<double>();
    if (type == "text") return row.next<std::string>();
    throw InputError(file_, "column type", "boolean, integer, real or text", in_quotes(type));
  }

  const std::string& file_;
  SQLite::Statement kind_, attention_, network_, options_, operations_, traffic_, errors_, layers_,
      notes_;
};

/// A condition and the texts that it binds, in order.
struct Condition {
  struct Value {
    std::string_view option;
    std::string columns_alike;
    std::string text;
  };
  std::string sql;
  std::vector<Value> values;

  void among(std::string_view option, const std::string& columns_alike,
             const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    sql += " AND (";
    for (std::size_t i = 0; i < texts.size(); ++i) {
      sql += fmt::format("{}? IN ({})", i == 0 ? "" : " OR ", columns_alike);
      values.push_back({option, columns_alike, texts[i]});
    }
    sql += ")";
  }

  void among(std::string_view option, const std::string& column,
             const std::vector<std::uint64_t>& numbers) {
    std::vector<std::string> written;
    written.reserve(numbers.size());
    for (const std::uint64_t value : numbers) written.push_back(fmt::to_string(value));
    among(option, fmt::format("CAST({} AS TEXT)", column), written);
  }
};

Condition condition_of(const RunSelection& selection) {
  Condition condition;
  condition.among("attention", "attention, label", selection.attentions);
  condition.among("network", "network", selection.networks);
  condition.among("table", "tables.name", selection.tables);
  condition.among("mode", "mode", selection.modes);
  condition.among("precision", "precision", selection.precisions);
  condition.among("accounting", "accounting", selection.accountings);
  condition.among("memory", "memory", selection.memories);
  condition.among("tokens", "queries", selection.tokens);
  condition.among("heads", "heads", selection.heads);
  condition.among("head dim", "head_dim", selection.head_dims);
  return condition;
}

constexpr std::string_view runs_and_tables = "FROM runs JOIN tables ON tables.id = table_id";

/// A value that no run has is a slip, not a wish for nothing.
void demand_known(Database& database, const Condition::Value& value) {
  SQLite::Statement distinct(
      database.connection(),
      fmt::format("SELECT DISTINCT {} {} ORDER BY 1", value.columns_alike, runs_and_tables));
  std::vector<std::string> known;
  while (distinct.executeStep()) {
    for (int i = 0; i < distinct.getColumnCount(); ++i) {
      if (distinct.getColumn(i).isNull()) continue;
      const std::string text = distinct.getColumn(i).getString();
      if (text == value.text) return;
      if (std::ranges::find(known, text) == known.end()) known.push_back(text);
    }
  }
  throw InputError(database.path(), value.option, one_of(known, value.text), in_quotes(value.text));
}

}  // namespace

Report report_of(Database& database, const RunSelection& selection) {
  return database.guarded([&] {
    const Condition condition = condition_of(selection);
    for (const Condition::Value& value : condition.values) demand_known(database, value);
    SQLite::Statement ids(
        database.connection(),
        fmt::format("SELECT runs.id, tool_version {} WHERE runs.id IN (SELECT max(id) FROM runs "
                    "GROUP BY configuration){} ORDER BY runs.position, runs.id",
                    runs_and_tables, condition.sql));
    for (std::size_t i = 0; i < condition.values.size(); ++i) {
      ids.bind(static_cast<int>(i) + 1, condition.values[i].text);
    }
    Reader reader(database);
    Report report;
    std::vector<std::string> versions;
    while (ids.executeStep()) {
      Columns columns(database.path(), ids);
      const auto id = columns.next<std::int64_t>();
      const auto version = columns.next<std::string>();
      if (std::ranges::find(versions, version) == versions.end()) versions.push_back(version);
      auto result = reader.read(id);
      if (auto* run = std::get_if<Run>(&result)) {
        report.runs.push_back(std::move(*run));
      } else {
        report.networks.push_back(std::move(std::get<NetworkRun>(result)));
      }
    }
    if (versions.empty()) {
      throw InputError(database.path(), "runs", "some that fit the selection", "none");
    }
    report.version = joined(versions);
    return report;
  });
}

void for_each_run(
    Database& database,
    const std::function<void(std::size_t position, std::variant<Run, NetworkRun>)>& visit) {
  database.guarded([&] {
    SQLite::Statement ids(database.connection(), "SELECT id, position FROM runs ORDER BY id");
    Reader reader(database);
    while (ids.executeStep()) {
      Columns columns(database.path(), ids);
      const auto id = columns.next<std::int64_t>();
      visit(columns.next<std::uint64_t>(), reader.read(id));
    }
  });
}

}  // namespace wattention
