#include <fmt/format.h>

#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "app/kernel_catalogue.hpp"
#include "models/attention.hpp"
#include "models/networks/network_file.hpp"
#include "reports/formats/columns.hpp"
#include "reports/wording/printable.hpp"
#include "reports/writer.hpp"
#include "sim/prices/shipped_tables.hpp"

namespace wattention {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson attentions() {
  OrderedJson list = OrderedJson::array();
  for (const auto& [name, entry] : Registry<Attention>::global().entries()) {
    const auto attention = entry.make();
    OrderedJson options = OrderedJson::array();
    for (const auto& option : attention->options().all()) {
      OrderedJson described{{"name", option.name}};
      std::visit([&described](const auto& value) { described["default"] = value; }, option.value());
      described["values"] = option.values;
      described["help"] = option.help;
      options.push_back(described);
    }
    OrderedJson tensors = OrderedJson::array();
    for (const auto& tensor : attention->options().tensors()) {
      tensors.push_back({{"name", tensor.name}, {"help", tensor.help}});
    }
    OrderedJson phases = OrderedJson::array();
    for (const std::string_view phase : attention->phases()) phases.push_back(phase);
    list.push_back({{"name", name},
                    {"description", entry.description},
                    {"options", options},
                    {"phases", phases},
                    {"tensors", tensors},
                    {"takes_hash", attention->takes_hash()},
                    {"data_dependent", attention->data_dependent()}});
  }
  return list;
}

OrderedJson networks() {
  OrderedJson list = OrderedJson::array();
  for (const ZooEntry& entry : shipped_networks()) {
    list.push_back({{"name", entry.name}, {"description", entry.title}});
  }
  return list;
}

OrderedJson tables() {
  OrderedJson list = OrderedJson::array();
  for (const std::string& name : shipped_table_names()) {
    const EnergyTable table = find_table(name);
    list.push_back({{"name", name}, {"description", table.title()}, {"node_nm", table.node_nm()}});
  }
  return list;
}

OrderedJson formats() {
  OrderedJson list = OrderedJson::array();
  for (const auto& [name, entry] : Registry<Writer>::global().entries()) {
    list.push_back({{"name", name}, {"description", entry.description}});
  }
  return list;
}

OrderedJson kernels() {
  OrderedJson list = OrderedJson::array();
  for (const CatalogueKernel& kernel : kernel_catalogue()) {
    OrderedJson charges = OrderedJson::array();
    for (const CatalogueKernel::Charge& charge : kernel.charges) {
      charges.push_back(
          {{"op", charge.operation}, {"format", charge.format}, {"count", charge.count}});
    }
    list.push_back({{"name", kernel.name},
                    {"description", kernel.description},
                    {"header", kernel.header},
                    {"arguments", kernel.arguments},
                    {"charges", charges},
                    {"moves", kernel.movement}});
  }
  return list;
}

void print_wrapped(std::string_view text, std::size_t indent, std::string_view first = "") {
  bool is_first = true;
  for (const std::string& line : wrapped(text, page_columns - indent)) {
    fmt::print("{:<{}}{}\n", is_first ? first : "", indent, line);
    is_first = false;
  }
}

/// Kernels under their headers: arguments, what they compute, and what they charge.
void print_kernels(const OrderedJson& list) {
  constexpr std::size_t margin = 4;
  constexpr std::size_t column = 16;
  std::string header;
  for (const OrderedJson& kernel : list) {
    if (kernel["header"] != header) {
      if (!header.empty()) fmt::print("\n");
      header = kernel["header"].get<std::string>();
      fmt::print("{}\n", header);
    }
    print_wrapped(fmt::format("{}({})", kernel["name"].get<std::string>(),
                              kernel["arguments"].get<std::string>()),
                  2);
    print_wrapped(kernel["description"].get<std::string>(), margin);
    for (const OrderedJson& charge : kernel["charges"]) {
      const std::string format = charge["format"].get<std::string>();
      print_wrapped(charge["count"].get<std::string>() +
                        (format == "run" ? "" : fmt::format(", in {}", format)),
                    column, fmt::format("    {}", charge["op"].get<std::string>()));
    }
    print_wrapped(kernel["moves"].get<std::string>(), column, "    moves");
  }
}

void print(const OrderedJson& list) {
  for (const OrderedJson& item : list) {
    fmt::print("{:<16} {}\n", item["name"].get<std::string>(),
               item["description"].get<std::string>());
    if (!item.contains("options")) continue;
    for (const OrderedJson& option : item["options"]) {
      const OrderedJson& value = option["default"];
      fmt::print("    {:<28} {}\n",
                 fmt::format("{}={}", option["name"].get<std::string>(),
                             value.is_string() ? value.get<std::string>() : value.dump()),
                 option["help"].get<std::string>());
    }
    for (const OrderedJson& tensor : item["tensors"]) {
      fmt::print("    {:<28} {}\n",
                 fmt::format("--tensor {}=FILE", tensor["name"].get<std::string>()),
                 tensor["help"].get<std::string>());
    }
  }
}

}  // namespace

void add_list(Command program) {
  Command command = program.subcommand("list", "List what there is, with options and defaults.");
  struct State {
    std::string what;
    bool json = false;
  };
  const auto state = std::make_shared<State>();
  const std::map<std::string, std::function<OrderedJson()>> lists{{"attentions", attentions},
                                                                  {"networks", networks},
                                                                  {"tables", tables},
                                                                  {"formats", formats},
                                                                  {"kernels", kernels}};
  command
      .option(
          "what", &state->what,
          "What to list: attentions, networks, tables, formats, or kernels with what they charge.")
      .required();
  command.flag("--json", &state->json, "Print the list as JSON, for programs.");
  command.footer("Example: wattention list attentions --json");
  command.on_run([state, lists] {
    const auto found = lists.find(state->what);
    if (found == lists.end()) {
      throw InputError(
          "command line", "list",
          one_of({"attentions", "networks", "tables", "formats", "kernels"}, state->what),
          in_quotes(state->what));
    }
    const OrderedJson list = found->second();
    if (state->json) {
      std::cout << list.dump(2) << '\n';
    } else if (state->what == "kernels") {
      print_kernels(list);
    } else {
      print(list);
    }
  });
}

}  // namespace wattention
