#pragma once

// The tables of a sweep's database. docs/sweeps.md describes them for those who query; what differs
// from this text is no database of ours. TOTALS stands for a column for every group of operations.
// Energies are picojoules as [low, high], traffic bytes; a NULL energy or error is a number that is
// not finite.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "reports/totals.hpp"

namespace wattention {

inline constexpr std::int64_t application_id = 0x57617474;  // "Watt"
inline constexpr std::int64_t schema_version = 2;

struct SchemaTable {
  std::string_view name;
  std::string_view text;

  std::string sql() const;
};

inline constexpr std::array<SchemaTable, 9> schema{{
    {"tables", R"(CREATE TABLE tables (
  id INTEGER PRIMARY KEY,
  content TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  node_nm REAL,
  unit TEXT NOT NULL,
  unit_note TEXT NOT NULL
) STRICT)"},
    {"runs", R"(CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  configuration TEXT NOT NULL,
  position INTEGER NOT NULL,
  tool_version TEXT NOT NULL,
  table_id INTEGER NOT NULL REFERENCES tables(id),
  kind TEXT NOT NULL CHECK (kind IN ('attention', 'network')),
  network TEXT,
  attention TEXT NOT NULL,
  label TEXT NOT NULL,
  mode TEXT NOT NULL,
  precision TEXT NOT NULL,
  accumulate TEXT NOT NULL,
  accounting TEXT NOT NULL,
  memory TEXT NOT NULL,
  input TEXT NOT NULL,
  heads INTEGER,
  key_heads INTEGER,
  queries INTEGER,
  keys INTEGER,
  head_dim INTEGER,
  value_dim INTEGER,
  shared INTEGER,
  title TEXT,
  weights TEXT,
  input_size TEXT,
  inputs INTEGER,
  parameters INTEGER,
  read_bytes INTEGER,
  write_bytes INTEGER,
  TOTALS
  compute_pj_low REAL,
  compute_pj_high REAL,
  memory_pj_low REAL,
  memory_pj_high REAL,
  total_pj_low REAL,
  total_pj_high REAL,
  area_um2 REAL,
  host_seconds REAL
) STRICT)"},
    {"options", R"(CREATE TABLE options (
  run INTEGER NOT NULL REFERENCES runs(id),
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('boolean', 'integer', 'real', 'text')),
  value ANY,
  PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID)"},
    {"prices", R"(CREATE TABLE prices (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  UNIQUE (kind, source)
) STRICT)"},
    {"operations", R"(CREATE TABLE operations (
  run INTEGER NOT NULL REFERENCES runs(id),
  position INTEGER NOT NULL,
  phase TEXT NOT NULL,
  op TEXT NOT NULL,
  format TEXT NOT NULL,
  count INTEGER NOT NULL,
  energy_pj_low REAL,
  energy_pj_high REAL,
  price INTEGER NOT NULL REFERENCES prices(id),
  PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID)"},
    {"traffic", R"(CREATE TABLE traffic (
  run INTEGER NOT NULL REFERENCES runs(id),
  position INTEGER NOT NULL,
  phase TEXT NOT NULL,
  level TEXT NOT NULL,
  off_chip INTEGER NOT NULL,
  read_bytes INTEGER NOT NULL,
  write_bytes INTEGER NOT NULL,
  energy_pj_low REAL,
  energy_pj_high REAL,
  access_bits INTEGER NOT NULL,
  read_accesses INTEGER NOT NULL,
  write_accesses INTEGER NOT NULL,
  read_pj_low REAL,
  read_pj_high REAL,
  write_pj_low REAL,
  write_pj_high REAL,
  price INTEGER NOT NULL REFERENCES prices(id),
  PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID)"},
    {"errors", R"(CREATE TABLE errors (
  run INTEGER PRIMARY KEY REFERENCES runs(id),
  max_abs REAL,
  rmse REAL,
  relative_l2 REAL,
  cosine REAL
) STRICT)"},
    {"layers", R"(CREATE TABLE layers (
  run INTEGER NOT NULL REFERENCES runs(id),
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  kind TEXT NOT NULL,
  size_in TEXT NOT NULL,
  size_out TEXT NOT NULL,
  replaced INTEGER NOT NULL,
  TOTALS
  compute_pj_low REAL,
  compute_pj_high REAL,
  PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID)"},
    {"notes", R"(CREATE TABLE notes (
  run INTEGER NOT NULL REFERENCES runs(id),
  position INTEGER NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID)"},
}};

inline std::string SchemaTable::sql() const {
  constexpr std::string_view totals = "TOTALS\n";
  std::string result(text);
  const std::size_t place = result.find(totals);
  if (place == std::string::npos) return result;
  std::string columns;
  for (const TotalGroup& group : total_groups) {
    columns += (columns.empty() ? "" : "  ") + std::string(group.key) + " INTEGER NOT NULL,\n";
  }
  return result.replace(place, totals.size(), columns);
}

}  // namespace wattention
