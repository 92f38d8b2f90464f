#include "sim/prices/accelergy_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "sim/error.hpp"
#include "sim/names.hpp"
#include "sim/prices/accelergy_class.hpp"
#include "sim/prices/accelergy_row.hpp"
#include "sim/prices/energy_table.hpp"
#include "sim/prices/table_file.hpp"

namespace wattention {
namespace {

using nlohmann::json;

constexpr std::uint64_t widest_word_bits = 1U << 20U;
constexpr std::uint64_t most_words = std::uint64_t{1} << 40U;

class Import {
 public:
  Import(std::span<const RowFilter> filters, std::string_view name) : filters_(filters) {
    table_ = {{"schema_version", 1},
              {"name", name},
              {"references", json::object()},
              {"operations", json::object()}};
  }

  void add(const Csv& csv) {
    const std::string stem = std::filesystem::path(csv.file).stem().string();
    const AccelergyClass* const component = accelergy_class(stem);
    if (component == nullptr) {
      std::vector<std::string> known;
      for (const AccelergyClass& other : accelergy_classes()) known.emplace_back(other.name);
      const std::string nearest = nearest_name(stem, known);
      result_.left_out.push_back(
          fmt::format("{}: all rows, as {} is no component that is known{}", csv.file,
                      in_quotes(stem), nearest.empty() ? "" : " (did you mean " + nearest + "?)"));
      return;
    }
    if (const std::string missing = missing_columns(csv, *component); !missing.empty()) {
      throw InputError(csv.file, fmt::format("line {}", csv.header.front().line),
                       fmt::format("the columns of {}", component->name), "no " + missing);
    }
    const std::string reference = fmt::format("csv{}", files_.size() + 1);
    files_.push_back(csv.file);
    table_["references"][reference] = fmt::format(
        "{}, a table of Accelergy's form", std::filesystem::path(csv.file).filename().string());
    std::size_t filtered = 0;
    for (const auto& fields : csv.rows) {
      if (passes(csv, fields)) {
        add({&csv, &fields}, *component, reference);
      } else {
        ++filtered;
      }
    }
    if (filtered != 0) {
      result_.left_out.push_back(
          fmt::format("{}: {} of {} rows, by the filter", csv.file, filtered, csv.rows.size()));
    }
  }

  ImportedTable take() {
    if (table_["operations"].empty()) {
      throw InputError(files_.empty() ? "import" : files_.front(), "rows",
                       "at least one that prices an operation",
                       result_.left_out.empty() ? "none" : "none: " + result_.left_out.front());
    }
    add_levels();
    table_["title"] = fmt::format("Imported from {} {} of Accelergy's form", files_.size(),
                                  files_.size() == 1 ? "table" : "tables");
    table_["node_nm"] = *node_nm_;
    result_.text = table_file_text(table_);
    return std::move(result_);
  }

 private:
  struct Level {
    const AccelergyClass* component;
    std::uint64_t width;
    std::optional<std::uint64_t> bytes;
    std::string reference;
    std::optional<AccelergyRow> read, write;
  };

  bool passes(const Csv& csv, const std::vector<CsvField>& fields) const {
    return std::ranges::all_of(filters_, [&](const RowFilter& filter) {
      const auto column = csv.column(filter.column);
      return !column || fields[*column].text == filter.value;
    });
  }

  void leave_out(const AccelergyRow& row, const std::string& why) {
    result_.left_out.push_back(fmt::format("{}: {}", row.place(), why));
  }

  void add(const AccelergyRow& row, const AccelergyClass& component, const std::string& reference) {
    const std::vector<std::string> actions = alternatives(row.field("action").text);
    std::vector<std::string_view> known;
    for (const std::string_view action : component.actions) {
      if (std::ranges::find(actions, action) != actions.end()) known.push_back(action);
    }
    row.number("energy");
    if (known.empty()) {
      leave_out(row, fmt::format("action {} of {} is no operation and no access",
                                 in_quotes(row.field("action").text), component.name));
      return;
    }
    if (component.numbers == Numbers::memory) {
      add_access(row, component, known, reference);
    } else {
      add_operation(row, component, reference);
    }
  }

  void demand_node(const AccelergyRow& row) {
    const double node = row.node_nm();
    if (!node_nm_) {
      node_nm_ = node;
      node_place_ = row.place();
    }
    if (*node_nm_ == node) return;
    refuse(*row.csv, row.field("technology"),
           fmt::format("{} nm, as in {} (choose rows with technology=...)", *node_nm_, node_place_),
           in_quotes(row.field("technology").text));
  }

  void add_operation(const AccelergyRow& row, const AccelergyClass& component,
                     const std::string& reference) {
    std::optional<Format> format = Format::bit;
    std::string sizes;
    double share = 1.0;
    if (component.numbers == Numbers::floating) {
      const std::uint64_t exponent = row.whole_number("exponent", 64);
      const std::uint64_t mantissa = row.whole_number("mantissa", 128);
      format = floating_format(exponent, mantissa);
      sizes = fmt::format("exponent {} and mantissa {}", exponent, mantissa);
    } else {
      const std::uint64_t bits =
          row.whole_number(*width_column(*row.csv, component.numbers), widest_word_bits);
      if (component.numbers == Numbers::integer) format = integer_format(bits);
      sizes = fmt::format("{} bits", bits);
      if (component.numbers == Numbers::bits) share = 1.0 / static_cast<double>(bits);
    }
    if (!format) {
      leave_out(row, fmt::format("{} of {} has no format here", component.name, sizes));
      return;
    }
    demand_node(row);
    const std::string operation = fmt::format("{}.{}", name_of(*format), name_of(component.op));
    const auto [before, is_new] = priced_.emplace(operation, row);
    if (!is_new) {
      throw InputError(row.csv->file, fmt::format("line {}", row.line()),
                       fmt::format("one price of {}, as in {}", operation, before->second.place()),
                       "another, " + difference(row, before->second));
    }
    json entry{{"energy_pj", share * row.number("energy")},
               {"source", reference},
               {"kind", name_of(Kind::user)},
               {"note", fmt::format("Line {}: {}.", row.line(), row.attributes())}};
    if (share != 1.0) {
      entry["note"] = fmt::format("{} One bit of {}.", entry["note"].get<std::string>(), sizes);
    } else if (row.csv->column("area") && row.number("area") > 0.0) {
      entry["area_um2"] = row.number("area");
    }
    result_.taken.push_back(
        fmt::format("{}: {:g} pJ ({})", operation, entry["energy_pj"].get<double>(), row.place()));
    table_["operations"][std::string(name_of(*format))][std::string(name_of(component.op))] =
        std::move(entry);
  }

  void add_access(const AccelergyRow& row, const AccelergyClass& component,
                  const std::vector<std::string_view>& accesses, const std::string& reference) {
    const std::uint64_t width =
        row.whole_number(*width_column(*row.csv, component.numbers), widest_word_bits);
    std::optional<std::uint64_t> bytes;
    if (component.name != "dram") {
      const std::uint64_t depth = row.whole_number("depth", most_words);
      if (width * depth % 8 != 0) {
        leave_out(row, fmt::format("{} words of {} bits are no whole bytes", depth, width));
        return;
      }
      bytes = width * depth / 8;
    }
    demand_node(row);
    const auto same = [&](const Level& level) {
      return level.component == &component && level.width == width && level.bytes == bytes;
    };
    auto level = std::ranges::find_if(levels_, same);
    if (level == levels_.end()) {
      level = levels_.insert(levels_.end(), {&component, width, bytes, reference, {}, {}});
    }
    for (const std::string_view access : accesses) {
      std::optional<AccelergyRow>& place = access == "read" ? level->read : level->write;
      if (place) {
        throw InputError(
            row.csv->file, fmt::format("line {}", row.line()),
            fmt::format("one {} of {}, as in {}", access, component.name, place->place()),
            "another, " + difference(row, *place));
      }
      place.emplace(row);
    }
  }

  std::string name_of_level(const Level& level) const {
    const auto of_class = std::ranges::count(levels_, level.component, &Level::component);
    std::string name(level.component->name);
    if (of_class == 1) return name;
    return level.bytes ? fmt::format("{}_{}b", name, *level.bytes)
                       : fmt::format("{}_{}bit", name, level.width);
  }

  static std::string_view technology_of(const Level& level) {
    return level.component->name == "regfile" ? "register" : level.component->name;
  }

  void add_levels() {
    if (levels_.empty()) return;
    std::ranges::stable_sort(levels_, {}, [&](const Level& level) {
      return level.bytes.value_or(std::numeric_limits<std::uint64_t>::max());
    });
    json memory = json::array();
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      const Level& level = levels_[i];
      const AccelergyRow& read = level.read ? *level.read : *level.write;
      const AccelergyRow& write = level.write ? *level.write : *level.read;
      if (i != 0 && levels_[i - 1].bytes == level.bytes) {
        throw InputError(read.csv->file, fmt::format("line {}", read.line()),
                         "memory levels of different capacities (choose rows with width=...)",
                         fmt::format("that of {} again", name_of_level(levels_[i - 1])));
      }
      json entry{{"level", name_of_level(level)},      {"technology", technology_of(level)},
                 {"access_bits", level.width},         {"read_pj", read.number("energy")},
                 {"write_pj", write.number("energy")}, {"source", level.reference},
                 {"kind", name_of(Kind::user)}};
      if (level.bytes) entry["capacity_bytes"] = *level.bytes;
      std::string note = fmt::format("Line {}: {}.", read.line(), read.attributes());
      if (!level.read) note += " Reading is taken equal to writing.";
      if (!level.write) note += " Writing is taken equal to reading.";
      entry["note"] = note;
      result_.taken.push_back(fmt::format("{}: read {:g} pJ, write {:g} pJ ({})",
                                          name_of_level(level), read.number("energy"),
                                          write.number("energy"), read.place()));
      if (read.csv->column("area") && read.number("area") > 0.0) {
        result_.left_out.push_back(fmt::format("{}: area of {}, as tables have none of memory",
                                               read.place(), name_of_level(level)));
      }
      memory.push_back(std::move(entry));
    }
    table_["memory"] = std::move(memory);
  }

  std::span<const RowFilter> filters_;
  json table_;
  ImportedTable result_;
  std::vector<std::string> files_;
  std::map<std::string, AccelergyRow> priced_;
  std::vector<Level> levels_;
  std::optional<double> node_nm_;
  std::string node_place_;
};

void demand_columns(std::span<const Csv> files, std::span<const RowFilter> filters) {
  std::vector<std::string> known;
  for (const Csv& csv : files) {
    for (const CsvField& field : csv.header) {
      for (std::string& name : alternatives(field.text)) {
        if (std::ranges::find(known, name) == known.end()) known.push_back(std::move(name));
      }
    }
  }
  for (const RowFilter& filter : filters) {
    if (std::ranges::find(known, filter.column) == known.end()) {
      throw InputError("column of a filter", one_of(known, filter.column),
                       in_quotes(filter.column));
    }
  }
}

}  // namespace

ImportedTable import_accelergy(std::span<const Csv> files, std::span<const RowFilter> filters,
                               std::string_view name) {
  demand_columns(files, filters);
  Import import(filters, name);
  for (const Csv& csv : files) import.add(csv);
  ImportedTable result = import.take();
  EnergyTable::parse(result.text, "imported table");
  return result;
}

}  // namespace wattention
