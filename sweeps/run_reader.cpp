#include "sweeps/run_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

/// Reads one column after the other; a value of another type than expected is damage.
class Columns {
 public:
  Columns(const std::string& file, SQLite::Statement& row, int first = 0)
      : file_(file), row_(row), next_(first) {}

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
  void operator()(Range& range) { (*this)(range.low), (*this)(range.high); }
  void operator()(std::optional<double>& number) {
    if (row_.isColumnNull(next_)) {
      ++next_;
      number.reset();
    } else {
      (*this)(number.emplace());
    }
  }
  void operator()(Totals& t) {
    for (const TotalGroup& group : total_groups) (*this)(t[group.total]);
  }

  template <class... Values>
  void all(Values&... values) {
    ((*this)(values), ...);
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
  int next_;
};

std::string names_of_totals() {
  std::vector<std::string_view> names;
  for (const TotalGroup& group : total_groups) names.push_back(group.key);
  return fmt::format("{}", fmt::join(names, ", "));
}

class Reader {
 public:
  explicit Reader(Database& database)
      : file_(database.path()),
        run_(database.connection(),
             "SELECT runs.*, tables.name, tables.title, tables.node_nm, tables.unit, "
             "tables.unit_note FROM runs JOIN tables ON tables.id = runs.table_id "
             "WHERE runs.id = ?"),
        options_(database.connection(),
                 "SELECT name, type, value FROM options WHERE run = ? ORDER BY position"),
        operations_(database.connection(),
                    "SELECT phase, op, format, count, energy_pj_low, energy_pj_high, source, kind "
                    "FROM operations JOIN prices ON prices.id = price WHERE run = ? "
                    "ORDER BY position"),
        traffic_(database.connection(),
                 "SELECT phase, level, read_bytes, write_bytes, energy_pj_low, energy_pj_high, "
                 "off_chip, source, kind, access_bits, read_accesses, write_accesses, "
                 "read_pj_low, read_pj_high, write_pj_low, write_pj_high FROM traffic JOIN prices "
                 "ON prices.id = price "
                 "WHERE run = ? ORDER BY position"),
        errors_(database.connection(),
                "SELECT max_abs, rmse, relative_l2, cosine FROM errors WHERE run = ?"),
        layers_(database.connection(),
                fmt::format("SELECT name, type, kind, size_in, size_out, replaced, {}, "
                            "compute_pj_low, compute_pj_high FROM layers WHERE run = ? "
                            "ORDER BY position",
                            names_of_totals())),
        notes_(database.connection(), "SELECT note FROM notes WHERE run = ? ORDER BY position") {}

  std::variant<Run, NetworkRun> read(std::int64_t id) {
    run_.reset();
    run_.bind(1, id);
    if (!run_.executeStep()) {
      throw InputError(file_, fmt::format("run {}", id), "a cost table", "none");
    }
    constexpr int kind_column = 6;
    constexpr int first_of_result = 7;
    constexpr int first_of_attention = 16;
    constexpr int first_of_network = 23;
    constexpr int first_of_totals = 30;
    if (Columns(file_, run_, kind_column).next<std::string>() == "attention") {
      Run r;
      Columns named(file_, run_, first_of_result + 1);
      named.all(r.attention, r.label);
      how(named, r);
      Columns sizes(file_, run_, first_of_attention);
      Run::Shape& s = r.shape;
      sizes.all(s.heads, s.key_heads, s.queries, s.keys, s.head_dim, s.value_dim,
                s.shared_queries_and_keys);
      totals(first_of_totals, r);
      r.error_vs_softmax = parts(id, r);
      return r;
    }
    NetworkRun r;
    std::string label;
    Columns columns(file_, run_, first_of_result);
    columns.all(r.network, r.attention, label);
    how(columns, r);
    Columns sizes(file_, run_, first_of_network);
    sizes.all(r.title, r.weights, r.input_size, r.inputs, r.parameters, r.read_bytes,
              r.write_bytes);
    totals(first_of_totals, r);
    r.error_vs_native = parts(id, r);
    for_each(layers_, id, [&r](Columns& row) {
      LayerLine& l = r.layers.emplace_back();
      row.all(l.name, l.type, l.kind, l.in, l.out, l.replaced, l.totals, l.energy_pj);
    });
    return r;
  }

 private:
  static void how(Columns& columns, Result& r) {
    columns.all(r.mode, r.precision, r.accumulate, r.accounting, r.memory, r.input);
  }

  void totals(int first, Result& r) {
    Columns columns(file_, run_, first);
    columns.all(r.totals, r.energy_pj.compute, r.energy_pj.memory, r.energy_pj.total, r.area_um2,
                r.host_seconds, r.table.name, r.table.title, r.table.node_nm, r.table.unit,
                r.table.unit_note);
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
      row.all(line.phase, line.op, line.format, line.count, line.energy_pj, line.source, line.kind);
    });
    for_each(traffic_, id, [&r](Columns& row) {
      TrafficLine& line = r.traffic.emplace_back();
      row.all(line.phase, line.level, line.read_bytes, line.write_bytes, line.energy_pj,
              line.off_chip, line.source, line.kind, line.access_bits, line.read_accesses,
              line.write_accesses, line.read_pj, line.write_pj);
    });
    for_each(notes_, id, [&r](Columns& row) { row(r.notes.emplace_back()); });
    std::optional<OutputError> error;
    for_each(errors_, id, [&error](Columns& row) {
      OutputError& e = error.emplace();
      row.all(e.max_abs, e.rmse, e.relative_l2, e.cosine);
    });
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
  SQLite::Statement run_, options_, operations_, traffic_, errors_, layers_, notes_;
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
