#include "models/networks/weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/files/finite.hpp"
#include "sim/files/safetensors.hpp"
#include "sim/names.hpp"
#include "sim/random.hpp"

namespace wattention {
namespace {

/// FNV-1a.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return hash;
}

std::uint64_t size_of(const std::vector<std::size_t>& shape) {
  std::uint64_t size = 1;
  for (const std::size_t side : shape) size = product(size, side);
  return size;
}

/// Whether `name` is `pattern`, in which '*' stands for any text.
bool matches(std::string_view pattern, std::string_view name) {
  const std::size_t first_star = pattern.find('*');
  if (first_star == std::string_view::npos) return pattern == name;
  const std::string_view head = pattern.substr(0, first_star);
  if (!name.starts_with(head)) return false;
  name.remove_prefix(head.size());
  pattern.remove_prefix(head.size() + 1);
  for (std::size_t star = pattern.find('*'); star != std::string_view::npos;
       star = pattern.find('*')) {
    const std::size_t at = name.find(pattern.substr(0, star));  // the first place leaves most
    if (at == std::string_view::npos) return false;
    name.remove_prefix(at + star);
    pattern.remove_prefix(star + 1);
  }
  return name.ends_with(pattern);
}

/// The name that this project uses for a tensor of a published file.
std::string own_name(std::string name, const WeightNames& names) {
  for (const std::string& prefix : names.prefixes) {
    if (!name.starts_with(prefix)) continue;
    name.erase(0, prefix.size());
    break;
  }
  const std::size_t dot = name.rfind('.');
  for (const auto& [from, to] : names.renames) {
    if (dot != std::string::npos && name.substr(dot + 1) == from) {
      name.replace(dot + 1, std::string::npos, to);
      break;
    }
  }
  return name;
}

/// "a, b and 12 more"
std::string listed(const std::vector<std::string>& items) {
  constexpr std::size_t most = 12;
  std::vector<std::string> shown(
      items.begin(), items.begin() + static_cast<std::ptrdiff_t>(std::min(most, items.size())));
  const std::string rest =
      items.size() > most ? fmt::format(" and {} more", items.size() - most) : "";
  return joined(shown) + rest;
}

}  // namespace

void seed_weights(Network& network, std::uint64_t seed) {
  for (const Parameter& parameter : network.parameters()) {
    if (parameter.start == Parameter::Start::absent) continue;
    Array array{parameter.shape, {}};
    if (parameter.start == Parameter::Start::constant) {
      array.data = parameter.constant();
    } else {
      array.data.assign(size_of(parameter.shape),
                        parameter.start == Parameter::Start::one ? 1.0F : 0.0F);
    }
    if (parameter.start == Parameter::Start::normal) {
      Random random(seed ^ hash_of(parameter.names.front()));
      std::ranges::generate(array.data, [&] { return parameter.spread * random.normal(); });
    }
    parameter.take(array);
  }
}

void load_weights(Network& network, const NetworkDefinition& definition,
                  const NetworkOptions& options, const std::string& file) {
  std::map<std::string, Array> tensors;
  for (auto& [name, array] : load_safetensors(file)) {
    demand_finite_parameter(array, file, name);
    const std::string own = own_name(name, definition.weight_names());
    if (!tensors.emplace(own, std::move(array)).second) {
      throw InputError(file, "tensors", "each name once", in_quotes(own) + " twice");
    }
  }

  std::vector<std::string> missing;
  std::vector<std::string> misshapen;
  std::set<std::string> known;
  std::vector<const Array*> found;
  for (const Parameter& parameter : network.parameters()) {
    known.insert(parameter.names.begin(), parameter.names.end());
    const auto name = std::ranges::find_if(
        parameter.names, [&](const std::string& candidate) { return tensors.contains(candidate); });
    found.push_back(name == parameter.names.end() ? nullptr : &tensors.at(*name));
    if (found.back() == nullptr) {
      if (!parameter.names.empty() && parameter.start != Parameter::Start::absent) {
        missing.push_back(parameter.names.front() + " " + shape_text(parameter.shape));
      }
    } else if (!parameter.shape.empty() && found.back()->shape != parameter.shape) {
      misshapen.push_back(fmt::format("{} {} instead of {}", *name, shape_text(found.back()->shape),
                                      shape_text(parameter.shape)));
    }
  }

  if (options.replacement) {
    NetworkOptions native = options;
    native.replacement.reset();
    const Network without = build_network(definition, native);
    for (const Parameter& parameter : without.parameters()) {
      known.insert(parameter.names.begin(), parameter.names.end());
    }
  }
  std::vector<std::string> surplus;
  for (const auto& [name, array] : tensors) {
    const bool ignored = std::ranges::any_of(
        definition.weight_names().ignores,
        [&name = name](const std::string& pattern) { return matches(pattern, name); });
    if (!known.contains(name) && !ignored) surplus.push_back(name);
  }

  std::vector<std::string> problems;
  if (!missing.empty()) problems.push_back("no " + listed(missing));
  if (!misshapen.empty()) problems.push_back(listed(misshapen));
  if (!surplus.empty()) problems.push_back("surplus " + listed(surplus));
  if (!problems.empty()) {
    std::string text = problems.front();
    for (std::size_t i = 1; i < problems.size(); ++i) text += "; " + problems[i];
    throw InputError(file, "tensors", fmt::format("those of {}", network.name()), text);
  }

  for (std::size_t i = 0; i < found.size(); ++i) {
    const Parameter& parameter = network.parameters()[i];
    if (found[i] != nullptr) {
      parameter.take(*found[i]);
    } else if (parameter.names.empty()) {
      parameter.take({parameter.shape, parameter.constant()});
    }
  }
}

}  // namespace wattention
