#include "sweeps/run_writer.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>

#include "sim/error.hpp"

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
  Parameters& operator<<(const Range& range) { return *this << range.low << range.high; }
  template <class Value>
  Parameters& operator<<(const std::optional<Value>& value) {
    if (value) return *this << *value;
    ++index_;
    return *this;
  }
  Parameters& operator<<(const Totals& totals) {
    for (const TotalGroup& group : total_groups) *this << totals[group.total];
    return *this;
  }
  Parameters& skip(int count) {
    index_ += count;
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

constexpr int totals = static_cast<int>(total_groups.size());

std::string parameters(int count) {
  std::string text = "(?";
  for (int i = 1; i < count; ++i) text += ",?";
  return text + ")";
}

}  // namespace

struct RunWriter::Statements {
  explicit Statements(SQLite::Database& connection)
      : db(connection),
        find_table(db, "SELECT id FROM tables WHERE content = ?"),
        table(db, "INSERT INTO tables VALUES (NULL,?,?,?,?,?,?)"),
        run(db, "INSERT OR IGNORE INTO runs VALUES " + parameters(38 + totals)),
        option(db, "INSERT INTO options VALUES " + parameters(5)),
        find_price(db, "SELECT id FROM prices WHERE kind = ? AND source = ?"),
        price(db, "INSERT INTO prices VALUES (NULL,?,?)"),
        operation(db, "INSERT INTO operations VALUES " + parameters(9)),
        traffic(db, "INSERT INTO traffic VALUES " + parameters(17)),
        error(db, "INSERT INTO errors VALUES " + parameters(5)),
        layer(db, "INSERT INTO layers VALUES " + parameters(10 + totals)),
        note(db, "INSERT INTO notes VALUES " + parameters(3)) {}

  void store(const RunIdentity& identity, const Run& r) {
    if (!r.reconciliation.empty()) throw Error("database: expected no reconciliation");
    const std::int64_t table_id = id_of(identity.table_content, r.table);
    Parameters row(run);
    begin(row, identity, table_id);
    row << attention_kind << std::optional<std::string>() << r.attention << r.label << r.mode
        << r.precision << r.accumulate << r.accounting << r.memory << r.input << r.shape.heads
        << r.shape.key_heads << r.shape.queries << r.shape.keys << r.shape.head_dim
        << r.shape.value_dim << r.shape.shared_queries_and_keys;
    row.skip(7) << r.totals;
    end(row, r);
    if (db.getChanges() == 0) return;
    store_parts(db.getLastInsertRowid(), r, r.error_vs_softmax);
  }

  void store(const RunIdentity& identity, const NetworkRun& r) {
    if (!r.reconciliation.empty() || r.accuracy) {
      throw Error("database: expected no reconciliation and no accuracy");
    }
    const std::int64_t table_id = id_of(identity.table_content, r.table);
    Parameters row(run);
    begin(row, identity, table_id);
    row << network_kind << r.network << r.attention << r.attention << r.mode << r.precision
        << r.accumulate << r.accounting << r.memory << r.input;
    row.skip(7) << r.title << r.weights << r.input_size << r.inputs << r.parameters << r.read_bytes
                << r.write_bytes << r.totals;
    end(row, r);
    if (db.getChanges() == 0) return;
    const std::int64_t id = db.getLastInsertRowid();
    store_parts(id, r, r.error_vs_native);
    for (std::size_t i = 0; i < r.layers.size(); ++i) {
      const LayerLine& l = r.layers[i];
      (Parameters(layer) << id << i << l.name << l.type << l.kind << l.in << l.out << l.replaced
                         << l.totals << l.energy_pj)
          .execute();
    }
  }

  static void begin(Parameters& row, const RunIdentity& identity, std::int64_t table_id) {
    row.skip(1) << identity.key << identity.configuration << identity.position
                << identity.tool_version << table_id;
  }

  static void end(Parameters& row, const Result& r) {
    (row << r.energy_pj.compute << r.energy_pj.memory << r.energy_pj.total << r.area_um2
         << r.host_seconds)
        .execute();
  }

  void store_parts(std::int64_t id, const Result& r, const std::optional<OutputError>& e) {
    for (std::size_t i = 0; i < r.options.size(); ++i) store_option(id, i, r.options[i]);
    for (std::size_t i = 0; i < r.operations.size(); ++i) {
      const OperationLine& line = r.operations[i];
      (Parameters(operation) << id << i << line.phase << line.op << line.format << line.count
                             << line.energy_pj << id_of(line.kind, line.source))
          .execute();
    }
    for (std::size_t i = 0; i < r.traffic.size(); ++i) {
      const TrafficLine& line = r.traffic[i];
      (Parameters(traffic) << id << i << line.phase << line.level << line.off_chip
                           << line.read_bytes << line.write_bytes << line.energy_pj
                           << line.access_bits << line.read_accesses << line.write_accesses
                           << line.read_pj << line.write_pj << id_of(line.kind, line.source))
          .execute();
    }
    if (e)
      (Parameters(error) << id << e->max_abs << e->rmse << e->relative_l2 << e->cosine).execute();
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

  std::int64_t id_of(const std::string& content, const Run::Table& of) {
    std::int64_t& id = tables[content];
    if (id != 0) return id;
    find_table.bind(1, content);
    if (!found(find_table, id)) {
      (Parameters(table) << content << of.name << of.title << of.node_nm << of.unit << of.unit_note)
          .execute();
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
  SQLite::Statement find_table, table, run, option, find_price, price, operation, traffic, error,
      layer, note;
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
