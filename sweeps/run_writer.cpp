#include "sweeps/run_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "reports/columns.hpp"
#include "sim/error.hpp"
#include "sweeps/schema.hpp"

namespace wattention {
namespace {

/// Binds one parameter after the other. Texts must outlive the step.
class Parameters {
 public:
  explicit Parameters(SQLite::Statement& statement) : statement_(statement) {
    statement_.reset();
    statement_.clearBindings();
  }

  Parameters& operator<<(const std::string& text) {
    statement_.bindNoCopy(++index_, text);
    return *this;
  }
  Parameters& operator<<(std::uint64_t number) {
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      throw Error(fmt::format("database: expected counts below 2^63, found {}", number));
    }
    statement_.bind(++index_, static_cast<std::int64_t>(number));
    return *this;
  }
  Parameters& operator<<(std::int64_t number) {
    statement_.bind(++index_, number);
    return *this;
  }
  Parameters& operator<<(bool truth) { return *this << std::uint64_t{truth ? 1U : 0U}; }
  Parameters& operator<<(double number) {
    ++index_;  // NULL where it is not finite
    if (std::isfinite(number)) statement_.bind(index_, number);
    return *this;
  }
  Parameters& operator<<(const std::optional<double>& value) {
    if (value) return *this << *value;
    ++index_;
    return *this;
  }

  /// Every column of the line.
  template <class... Columns, class Line>
  Parameters& all(const std::tuple<Columns...>& columns, const Line& line) {
    for_each_database_cell(
        columns, line, [this](const std::string& /*name*/, const auto& value) { *this << value; });
    return *this;
  }

  void execute() { statement_.exec(); }

 private:
  SQLite::Statement& statement_;
  int index_ = 0;
};

// Bound without a copy, so that they must live on.
const std::string attention_kind = "attention";
const std::string network_kind = "network";
const std::array<std::string, 4> option_types{"boolean", "integer", "real", "text"};

/// "INSERT INTO notes (run,position,note) VALUES (?,?,?)"; runs that are there already are left.
std::string insertion(std::string_view into,
                      std::initializer_list<std::vector<std::string>> columns) {
  std::vector<std::string> names;
  for (const auto& some : columns) names.insert(names.end(), some.begin(), some.end());
  const std::vector<std::string_view> values(names.size(), "?");
  return fmt::format("INSERT{} INTO {} ({}) VALUES ({})", into == "runs" ? " OR IGNORE" : "", into,
                     fmt::join(names, ","), fmt::join(values, ","));
}

// The columns that no line of a report holds.
const std::vector<std::string> of_identity{"key",          "configuration", "position",
                                           "tool_version", "table_id",      "kind"};
const std::vector<std::string> of_line{"run", "position"};

}  // namespace

struct RunWriter::Statements {
  explicit Statements(SQLite::Database& connection)
      : db(connection),
        find_table(db, "SELECT id FROM tables WHERE content = ?"),
        table(db,
              insertion("tables", {{"content"}, names_in_database<Result::Table>(table_columns)})),
        attention_run(db, insertion("runs", {of_identity,
                                             {"attention", "label"},
                                             names_in_database<Result>(result_columns),
                                             names_in_database<Run::Shape>(shape_columns),
                                             names_in_database<Result>(totals_columns),
                                             names_in_database<Energy>(energy_columns),
                                             names_in_database<Result>(figure_columns)})),
        network_run(db, insertion("runs", {of_identity,
                                           {"network", "attention", "label"},
                                           names_in_database<Result>(result_columns),
                                           names_in_database<NetworkRun>(network_columns),
                                           names_in_database<Result>(totals_columns),
                                           names_in_database<Energy>(energy_columns),
                                           names_in_database<Result>(figure_columns)})),
        option(db, insertion("options", {of_line, {"name", "type", "value"}})),
        find_price(db, "SELECT id FROM prices WHERE kind = ? AND source = ?"),
        price(db, insertion("prices", {{"kind", "source"}})),
        operation(db, insertion("operations", {of_line,
                                               names_in_database<OperationLine>(operation_columns),
                                               {"price"}})),
        traffic(db,
                insertion("traffic",
                          {of_line, names_in_database<TrafficLine>(traffic_columns), {"price"}})),
        error(db, insertion("errors", {{"run"}, names_in_database<OutputError>(error_columns)})),
        layer(db, insertion("layers", {of_line, names_in_database<LayerLine>(layer_columns)})),
        note(db, insertion("notes", {of_line, {"note"}})) {}

  void store(const RunIdentity& identity, const Run& r) {
    if (!r.reconciliation.empty()) throw Error("database: expected no reconciliation");
    Parameters row(attention_run);
    identify(row, identity, r) << attention_kind << r.attention << r.label;
    row.all(result_columns, r).all(shape_columns, r.shape);
    finish(row, r);
    if (db.getChanges() == 0) return;
    store_parts(db.getLastInsertRowid(), r, r.error_vs_softmax);
  }

  void store(const RunIdentity& identity, const NetworkRun& r) {
    if (!r.reconciliation.empty() || r.accuracy) {
      throw Error("database: expected no reconciliation and no accuracy");
    }
    Parameters row(network_run);
    identify(row, identity, r) << network_kind << r.network << r.attention << r.attention;
    row.all(result_columns, r).all(network_columns, r);
    finish(row, r);
    if (db.getChanges() == 0) return;
    const std::int64_t id = db.getLastInsertRowid();
    store_parts(id, r, r.error_vs_native);
    for (std::size_t i = 0; i < r.layers.size(); ++i) {
      (Parameters(layer) << id << i).all(layer_columns, r.layers[i]).execute();
    }
  }

  Parameters& identify(Parameters& row, const RunIdentity& identity, const Result& r) {
    return row << identity.key << identity.configuration << identity.position
               << identity.tool_version << id_of(identity.table_content, r.table);
  }

  static void finish(Parameters& row, const Result& r) {
    row.all(totals_columns, r).all(energy_columns, r.energy_pj).all(figure_columns, r).execute();
  }

  void store_parts(std::int64_t id, const Result& r, const std::optional<OutputError>& e) {
    for (std::size_t i = 0; i < r.options.size(); ++i) store_option(id, i, r.options[i]);
    for (std::size_t i = 0; i < r.operations.size(); ++i) {
      const OperationLine& line = r.operations[i];
      const std::int64_t price_id = id_of(line.kind, line.source);
      ((Parameters(operation) << id << i).all(operation_columns, line) << price_id).execute();
    }
    for (std::size_t i = 0; i < r.traffic.size(); ++i) {
      const TrafficLine& line = r.traffic[i];
      const std::int64_t price_id = id_of(line.kind, line.source);
      ((Parameters(traffic) << id << i).all(traffic_columns, line) << price_id).execute();
    }
    if (e) (Parameters(error) << id).all(error_columns, *e).execute();
    for (std::size_t i = 0; i < r.notes.size(); ++i) {
      (Parameters(note) << id << i << r.notes[i]).execute();
    }
  }

  void store_option(std::int64_t id, std::size_t position,
                    const std::pair<std::string, OptionValue>& option_of_run) {
    Parameters row(option);
    row << id << position << option_of_run.first << option_types[option_of_run.second.index()];
    std::visit([&row](const auto& value) { row << value; }, option_of_run.second);
    row.execute();
  }

  std::int64_t id_of(const std::string& content, const Result::Table& of) {
    std::int64_t& id = tables[content];
    if (id != 0) return id;
    find_table.bind(1, content);
    if (!found(find_table, id)) {
      (Parameters(table) << content).all(table_columns, of).execute();
      id = db.getLastInsertRowid();
    }
    return id;
  }

  std::int64_t id_of(const std::string& kind, const std::string& source) {
    std::int64_t& id = prices[kind][source];
    if (id != 0) return id;
    find_price.bind(1, kind);
    find_price.bind(2, source);
    if (!found(find_price, id)) {
      (Parameters(price) << kind << source).execute();
      id = db.getLastInsertRowid();
    }
    return id;
  }

  /// Resets the query, which else would keep the file locked beyond the transaction.
  static bool found(SQLite::Statement& query, std::int64_t& id) {
    const bool any = query.executeStep();
    if (any) id = query.getColumn(0).getInt64();
    query.reset();
    return any;
  }

  SQLite::Database& db;
  SQLite::Statement find_table, table, attention_run, network_run, option, find_price, price,
      operation, traffic, error, layer, note;
  std::map<std::string, std::int64_t> tables;
  std::map<std::string, std::unordered_map<std::string, std::int64_t>> prices;
};

RunWriter::RunWriter(Database& database) : database_(database) {
  database_.guarded([&] { statements_ = std::make_unique<Statements>(database_.connection()); });
}

RunWriter::~RunWriter() = default;

void RunWriter::store(std::span<const Stored> batch) {
  database_.guarded([&] {
    SQLite::Transaction transaction(database_.connection(), SQLite::TransactionBehavior::IMMEDIATE);
    for (const Stored& stored : batch) {
      std::visit([&](const auto& result) { statements_->store(stored.identity, result); },
                 *stored.result);
    }
    transaction.commit();
  });
}

}  // namespace wattention
