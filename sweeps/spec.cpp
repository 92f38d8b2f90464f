#include "sweeps/spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_set>

#include "measure/accounting.hpp"
#include "models/attention.hpp"
#include "sim/files/json_cursor.hpp"
#include "sim/memory/hierarchy.hpp"
#include "sim/names.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "sim/version.hpp"
#include "sweeps/combinations.hpp"

namespace wattention {
namespace {

constexpr std::uint64_t most_tokens = std::uint64_t{1} << 40;
constexpr std::uint64_t most_text = std::uint64_t{1} << 24;  // tokens of a network
constexpr std::uint64_t most_heads = 1 << 16;
constexpr std::uint64_t most_dims = 1 << 20;
constexpr std::uint64_t most_image = 1 << 14;

/// An option's value as the command line would have it.
std::string option_text(const JsonCursor& value, const Options::Option& option) {
  if (value.is_string()) return value.string();
  if (value.is_number()) return fmt::to_string(value.number());
  if (!value.is_boolean()) value.fail(option.values);
  return value.boolean() ? "true" : "false";
}

/// Else it is the name of something that ships.
bool names_file(const std::string& text) {
  return text.find(".json") != std::string::npos || text.find('/') != std::string::npos;
}

void demand_at_most(const JsonCursor& list, std::size_t combinations) {
  if (combinations > most_values) {
    list.fail(fmt::format("at most {} combinations", most_values), "more");
  }
}

std::string named(const JsonCursor& value, const std::vector<std::string>& known) {
  std::string name = value.string();
  if (std::ranges::find(known, name) == known.end()) value.fail(one_of(known, name));
  return name;
}

/// Every combination of the options of one attention: "ecoformer", or {"name", "options"}.
std::vector<SweptAttention> attentions_of(const JsonCursor& entry) {
  const bool alone = entry.is_string();
  if (!alone) entry.only_keys({"name", "options"});
  const JsonCursor name = alone ? entry : entry.required("name");
  const auto attention = Registry<Attention>::global().make(
      named(name, Registry<Attention>::global().names()), "attention");
  std::vector<SweptAttention> all{{name.string(), {}}};
  if (alone || !entry.optional("options")) return all;
  for (const auto& [key, values] : entry.required("options").members()) {
    const auto& options = attention->options().all();
    const auto option = std::ranges::find(options, key, &Options::Option::name);
    if (option == options.end()) {
      std::vector<std::string> known;
      known.reserve(options.size());
      for (const Options::Option& one : options) known.push_back(one.name);
      values.fail(one_of(known, key), "key " + in_quotes(key));
    }
    const auto read = [&option](const JsonCursor& value) {
      std::string text = option_text(value, *option);
      if (!option->assign(text)) value.fail(option->values);
      return text;
    };
    std::vector<SweptAttention> longer;
    for (const std::string& text : values_of<std::string>(values, read)) {
      demand_at_most(values, longer.size() + all.size());
      for (SweptAttention one : all) {
        one.options.emplace_back(key, text);
        longer.push_back(std::move(one));
      }
    }
    all = std::move(longer);
  }
  return all;
}

/// All that the entries of a list stand for, one after the other.
template <class Read>
auto flattened(const JsonCursor& list, const Read& read) {
  decltype(read(list)) all;
  for (const JsonCursor& entry : one_or_several(list)) {
    auto several = read(entry);
    demand_at_most(list, all.size() + several.size());
    std::ranges::move(several, std::back_inserter(all));
  }
  return all;
}

class Reader {
 public:
  Reader(JsonCursor root, Sweep& sweep) : root_(std::move(root)), sweep_(sweep) {}

  void read() {
    root_.only_keys({"schema_version", "attentions", "networks", "tables", "tokens", "heads",
                     "head_dim", "keys", "share_qk", "value_dim", "seed", "mode", "precision",
                     "accumulate", "accounting", "memory", "allow_nonfinite"});
    root_.required("schema_version").unsigned_integer(1, 1);
    const auto attentions = root_.optional("attentions");
    const auto networks = root_.optional("networks");
    if (!attentions && !networks) root_.fail("attentions, networks, or both", "neither");
    const std::vector<std::string> tables = read_tables();
    if (attentions) add_attentions(*attentions, tables);
    if (networks) {
      for (const JsonCursor& entry : one_or_several(*networks)) add_network(entry, tables);
    }
    if (!attentions) {
      for (const char* key : {"tokens", "heads", "head_dim", "keys", "share_qk", "value_dim"}) {
        if (const auto value = root_.optional(key)) {
          value->fail("\"attentions\", whose size it is", "networks alone");
        }
      }
    }
  }

 private:
  /// By their own names.
  std::vector<std::string> read_tables() {
    const auto list = root_.optional("tables");
    if (!list) return {add_table(find_table_document("horowitz-45nm"), root_)};
    return values_of<std::string>(*list, [this](const JsonCursor& value) {
      const std::string name = value.string();
      if (std::string note = note_on_table_name(name); !note.empty()) {
        sweep_.notes.push_back(std::move(note));
      } else if (!names_file(name)) {
        named(value, shipped_table_names());
      }
      return add_table(find_table_document(name), value);
    });
  }

  std::string add_table(const Json& document, const JsonCursor& place) {
    EnergyTable table = EnergyTable::read(document);
    std::string name = table.name();
    const std::string id = content_id(document.value.dump());
    const auto [known, is_new] = sweep_.table_ids.emplace(name, id);
    if (known->second != id) place.fail("tables of different names", name + " twice");
    if (is_new) sweep_.tables.emplace(name, std::move(table));
    return name;
  }

  /// What attentions and networks share.
  void add_shared_axes(Combinations& grid, const std::vector<std::string>& tables) {
    grid.add(tables, [](Configuration& c, const auto& value) { c.table = value; });
    add_names(grid, root_.optional("accounting"), all_names_of<Accounting>(),
              &Configuration::accounting);
    add_names(grid, root_.optional("mode"), all_names_of<Mode>(), &Configuration::mode);
    add_names(grid, root_.optional("memory"), all_names_of<MemoryPolicy>(), &Configuration::memory);
    add_names(grid, root_.optional("precision"), floating_format_names(),
              &Configuration::precision);
    add_names(grid, root_.optional("accumulate"), all_names_of<Accumulate>(),
              &Configuration::accumulate);
    if (const auto seeds = root_.optional("seed")) {
      grid.add(integers_of(*seeds, 0, std::numeric_limits<std::int64_t>::max()),
               [](Configuration& c, std::uint64_t seed) { c.seed = seed; });
    }
    if (const auto allow = root_.optional("allow_nonfinite")) {
      grid.add(std::vector{allow->boolean() ? 1 : 0},
               [](Configuration& c, int yes) { c.allow_nonfinite = yes != 0; });
    }
  }

  static void add_names(Combinations& grid, const std::optional<JsonCursor>& list,
                        const std::vector<std::string>& known, std::string Configuration::*member) {
    if (!list) return;
    grid.add(values_of<std::string>(
                 *list, [&known](const JsonCursor& value) { return named(value, known); }),
             [member](Configuration& c, const std::string& value) { c.*member = value; });
  }

  void add_attentions(const JsonCursor& list, const std::vector<std::string>& tables) {
    Combinations grid;
    add_shared_axes(grid, tables);
    const auto optional_sizes = [&](std::string_view key,
                                    std::optional<std::size_t> Configuration::*member,
                                    std::uint64_t most) {
      const auto sizes = root_.optional(key);
      if (!sizes) return;
      grid.add(integers_of(*sizes, 1, most),
               [member](Configuration& c, std::uint64_t size) { c.*member = size; });
    };
    if (const auto heads = root_.optional("heads")) {
      grid.add(integers_of(*heads, 1, most_heads),
               [](Configuration& c, std::uint64_t size) { c.heads = size; });
    }
    grid.add(integers_of(root_.required("head_dim"), 1, most_dims),
             [](Configuration& c, std::uint64_t size) { c.head_dim = size; });
    optional_sizes("value_dim", &Configuration::value_dim, most_dims);
    optional_sizes("keys", &Configuration::keys, most_tokens);
    if (const auto share = root_.optional("share_qk")) {
      const bool shared = share->boolean();
      if (shared && root_.optional("keys")) share->fail("no \"keys\" beside it", "both");
      grid.add(std::vector{shared ? 1 : 0},
               [](Configuration& c, int yes) { c.share_qk = yes != 0; });
    }
    grid.add(integers_of(root_.required("tokens"), 1, most_tokens),
             [](Configuration& c, std::uint64_t size) { c.tokens = size; });
    grid.add(flattened(list, attentions_of),
             [](Configuration& c, const SweptAttention& attention) { c.attention = attention; });
    expand(grid);
  }

  /// "pvtv2-b0", or {"name", "attentions", "image_size", "tokens", "layer_precision"}.
  void add_network(const JsonCursor& entry, const std::vector<std::string>& tables) {
    const bool alone = entry.is_string();
    if (!alone) entry.only_keys({"name", "attentions", "image_size", "tokens", "layer_precision"});
    const JsonCursor name_at = alone ? entry : entry.required("name");
    const std::string name = name_at.string();
    if (!sweep_.networks.contains(name)) {
      if (!names_file(name)) {
        std::vector<std::string> known;
        for (const ZooEntry& network : shipped_networks()) known.push_back(network.name);
        named(name_at, known);
      }
      const NetworkDefinition definition = NetworkDefinition::find(name);
      sweep_.network_ids[name] = content_id(definition.content());
      sweep_.networks.emplace(name, definition);
    }
    Combinations grid;
    add_shared_axes(grid, tables);
    grid.add(std::vector{name}, [](Configuration& c, const auto& value) { c.network = value; });
    const auto sizes = [&](std::string_view key, std::optional<std::size_t> Configuration::*member,
                           std::uint64_t most) {
      const auto list = alone ? std::nullopt : entry.optional(key);
      if (!list) return;
      grid.add(integers_of(*list, 1, most),
               [member](Configuration& c, std::uint64_t size) { c.*member = size; });
    };
    sizes("image_size", &Configuration::image_size, most_image);
    sizes("tokens", &Configuration::tokens, most_text);
    if (!alone) {
      add_names(grid, entry.optional("layer_precision"), floating_format_names(),
                &Configuration::layer_precision);
    }
    if (const auto list = alone ? std::nullopt : entry.optional("attentions")) {
      using Choice = std::optional<SweptAttention>;
      const auto read = [](const JsonCursor& value) -> std::vector<Choice> {
        if (value.is_string() && value.string() == "native") return {std::nullopt};
        const std::vector<SweptAttention> named = attentions_of(value);
        return {named.begin(), named.end()};
      };
      grid.add(flattened(*list, read),
               [](Configuration& c, const Choice& attention) { c.attention = attention; });
    }
    expand(grid);
  }

  void expand(const Combinations& grid) {
    if (grid.size() > most_runs - sweep_.items.size()) {
      root_.fail(fmt::format("at most {} runs", most_runs), "more");
    }
    for (std::size_t i = 0; i < grid.size(); ++i) add(grid.at(i));
  }

  void add(Configuration configuration) {
    const bool only_fp32 =
        configuration.precision == "fp32" && configuration.layer_precision == "fp32";
    if (only_fp32) configuration.accumulate = "fp32";
    // As `wattention network` has it: the published forms need no values.
    if (configuration.of_network() && configuration.accounting == "paper") {
      configuration.mode = "estimate";
    }
    const std::string network =
        configuration.of_network() ? sweep_.network_ids.at(configuration.network) : std::string();
    std::string key = content_id(fmt::format("{}\n{}\n{}\n{}", text_of(configuration), version,
                                             sweep_.table_ids.at(configuration.table), network));
    if (!seen_.insert(key).second) return;
    sweep_.items.push_back({std::move(configuration), std::move(key)});
  }

  const JsonCursor root_;
  Sweep& sweep_;
  std::unordered_set<std::string> seen_;
};

Sweep read_sweep(const Json& document) {
  Sweep sweep;
  sweep.file = document.file;
  sweep.text = document.value.dump();
  Reader(JsonCursor(document), sweep).read();
  return sweep;
}

}  // namespace

std::string Sweep::id() const {
  std::string keys;
  for (const Item& item : items) keys += item.key;
  return content_id(keys);
}

Sweep Sweep::load(const std::filesystem::path& path) { return read_sweep(load_json(path)); }

Sweep Sweep::parse(std::string_view text, const std::string& file) {
  return read_sweep(parse_json(text, file));
}

}  // namespace wattention
