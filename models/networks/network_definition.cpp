// Which file defines a network, and with which values.

#include <fmt/format.h>

#include <algorithm>

#include "models/networks/network_file.hpp"
#include "models/networks/shipped_networks.hpp"
#include "sim/files/mapped_file.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

constexpr std::string_view version_key = "schema_version";

std::string shipped_file(std::string_view name) { return fmt::format("models/zoo/{}.json", name); }

/// The names of the networks in a document.
std::vector<std::string> names_in(const JsonCursor& root) {
  std::vector<std::string> names;
  if (const auto several = root.optional("networks")) {
    for (const auto& [name, entry] : several->members()) names.emplace_back(name);
  } else {
    names.push_back(root.required("name").string());
  }
  return names;
}

std::vector<std::string> texts(const JsonCursor& list) {
  std::vector<std::string> result;
  for (const JsonCursor& element : list.elements()) result.push_back(element.string());
  return result;
}

struct Shipped {
  std::string_view stem;
  std::shared_ptr<const Json> document;
};

std::vector<Shipped> shipped_documents() {
  std::vector<Shipped> documents;
  for (const ShippedText& text : shipped_network_files()) {
    documents.push_back(
        {text.name, std::make_shared<Json>(parse_json(text.text, shipped_file(text.name)))});
  }
  return documents;
}

constexpr std::size_t longest_text = 256;

/// Every part of a network keeps names that are made of these.
void demand_short_texts(const JsonCursor& value) {
  const auto demand_short = [](const JsonCursor& place, std::size_t length) {
    if (length <= longest_text) return;
    place.fail(fmt::format("texts of at most {} characters", longest_text),
               fmt::format("{}", length));
  };
  if (value.is_string()) demand_short(value, value.string().size());
  if (value.is_array()) {
    for (const JsonCursor& element : value.elements()) demand_short_texts(element);
  }
  if (!value.is_object()) return;
  for (const auto& [key, member] : value.members()) {
    demand_short(member, key.size());
    demand_short_texts(member);
  }
}

/// "my.json:b0" as {"my.json", "b0"}.
std::pair<std::string, std::string> path_and_name(const std::string& text) {
  const std::size_t at = text.rfind(".json:");
  if (at == std::string::npos) return {text, ""};
  return {text.substr(0, at + 5), text.substr(at + 6)};
}

}  // namespace

std::vector<ZooEntry> shipped_networks() {
  std::vector<ZooEntry> entries;
  for (const Shipped& shipped : shipped_documents()) {
    const JsonCursor root(*shipped.document);
    if (const auto several = root.optional("networks")) {
      for (const auto& [name, entry] : several->members()) {
        entries.push_back({std::string(name), entry.required("title").string()});
      }
    } else {
      entries.push_back({root.required("name").string(), root.required("title").string()});
    }
  }
  std::ranges::sort(entries, {}, &ZooEntry::name);
  return entries;
}

NetworkDefinition NetworkDefinition::find(const std::string& name_or_path) {
  const auto [path, name] = path_and_name(name_or_path);
  if (path.ends_with(".json") || path.find('/') != std::string::npos) {
    NetworkDefinition definition;
    auto document = std::make_shared<Json>(load_json(path));
    if (JsonCursor(*document).is_object() && JsonCursor(*document).optional("model_type")) {
      definition.apply_config(document);
    } else {
      definition.document_ = document;
      definition.read(name);
    }
    return definition;
  }
  std::vector<std::string> known;
  for (const Shipped& shipped : shipped_documents()) {
    for (const std::string& candidate : names_in(JsonCursor(*shipped.document))) {
      known.push_back(candidate);
      if (candidate != name_or_path) continue;
      NetworkDefinition definition;
      definition.document_ = shipped.document;
      definition.read(candidate);
      return definition;
    }
  }
  std::ranges::sort(known);
  throw InputError("network", "FILE.json, or " + one_of(known, name_or_path),
                   in_quotes(name_or_path));
}

NetworkDefinition NetworkDefinition::parse(std::string_view text, const std::string& file,
                                           const std::string& name) {
  NetworkDefinition definition;
  definition.document_ = std::make_shared<Json>(parse_json(text, file));
  definition.read(name);
  return definition;
}

std::string NetworkDefinition::content() const {
  return document_->value.dump() + (config_ ? config_->value.dump() : "");
}

void NetworkDefinition::read(const std::string& name) {
  const JsonCursor root(*document_);
  root.only_keys({version_key, "name", "title", "source", "input", "parameters", "networks",
                  "blocks", "layers", "weights", "huggingface"});
  root.required(version_key).unsigned_integer(1, 1);
  demand_short_texts(root);
  name_ = root.required("name").string();
  title_ = root.required("title").string();
  root.required("source").string();
  if (const auto parameters = root.optional("parameters")) {
    for (const auto& [key, value] : parameters->members())
      scope_.insert_or_assign(std::string(key), value);
  }
  if (const auto several = root.optional("networks")) {
    const std::vector<std::string> known = names_in(root);
    if (std::ranges::find(known, name) == known.end()) {
      if (name.empty()) several->fail("FILE.json:NAME, one of " + joined(known), "no name");
      several->fail("FILE.json:NAME, " + one_of(known, name), in_quotes(name));
    }
    const JsonCursor entry = several->required(name);
    entry.only_keys({"title", "parameters"});
    name_ = name;
    title_ = entry.required("title").string();
    if (const auto own = entry.optional("parameters")) {
      for (const auto& [key, value] : own->members()) {
        const auto known_parameter = scope_.find(key);
        if (known_parameter == scope_.end()) {
          std::vector<std::string> parameters;
          for (const auto& [parameter, cursor] : scope_) parameters.push_back(parameter);
          value.fail("a parameter, " + one_of(parameters, key), in_quotes(key));
        }
        known_parameter->second = value;
      }
    }
  } else if (!name.empty() && name != name_) {
    root.required("name").fail(in_quotes(name));
  }
  if (const auto weights = root.optional("weights")) {
    weights->only_keys({"prefixes", "renames", "ignores"});
    if (const auto list = weights->optional("prefixes")) weight_names_.prefixes = texts(*list);
    if (const auto list = weights->optional("ignores")) weight_names_.ignores = texts(*list);
    if (const auto map = weights->optional("renames")) {
      for (const auto& [from, to] : map->members()) {
        weight_names_.renames.emplace_back(from, to.string());
      }
    }
  }
}

void NetworkDefinition::apply_config(const std::shared_ptr<const Json>& config) {
  const JsonCursor root(*config);
  const JsonCursor type = root.required("model_type");
  std::vector<std::string> known;
  for (const Shipped& shipped : shipped_documents()) {
    const JsonCursor family(*shipped.document);
    const auto huggingface = family.optional("huggingface");
    if (!huggingface) continue;
    huggingface->only_keys({"model_types", "parameters", "expects"});
    const auto types = huggingface->required("model_types");
    for (const auto& [name, values] : types.members()) known.emplace_back(name);
    const auto of_type = types.optional(type.string());
    if (!of_type) continue;

    document_ = shipped.document;
    config_ = config;
    read(names_in(family).front());
    name_ = type.string();
    title_ = fmt::format("{} of {}", type.string(), root.file());
    for (const auto& [parameter, key] : huggingface->required("parameters").members()) {
      const auto known_parameter = scope_.find(parameter);
      if (known_parameter == scope_.end())
        key.fail("a parameter of this file", in_quotes(parameter));
      const auto value = root.optional(key.string());
      if (value) known_parameter->second = *value;
    }
    for (const auto& [parameter, value] : of_type->members()) {
      scope_.insert_or_assign(std::string(parameter), value);
    }
    if (const auto expects = huggingface->optional("expects")) {
      for (const auto& [key, expected] : expects->members()) {
        const auto value = root.optional(key);
        if (value && value->found() != expected.found()) value->fail(expected.found());
      }
    }
    return;
  }
  type.fail(one_of(known, type.string()));
}

}  // namespace wattention
