#include "reports/findings/comparable_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

namespace wattention {
namespace {

auto setting_but_tokens(const Run& run) {
  const Run::Shape& s = run.shape;
  const std::uint64_t keys_of_their_own = s.keys == s.queries ? 0 : s.keys;
  return std::tuple(s.heads, s.key_heads, keys_of_their_own, s.head_dim, s.value_dim,
                    s.shared_queries_and_keys, run.table.name);
}

auto setting_of(const Run& run) {
  return std::tuple(run.shape.queries, run.shape.keys, setting_but_tokens(run));
}

auto setting_of(const NetworkRun& run) {
  return std::tuple(run.network, run.input_size, run.accounting, run.table.name);
}

template <class AnyRun, class Setting>
std::vector<std::size_t> numbered(const std::vector<AnyRun>& runs, const Setting& setting) {
  std::map<decltype(setting(runs.front())), std::size_t> numbers;
  std::vector<std::size_t> settings;
  settings.reserve(runs.size());
  for (const AnyRun& run : runs) {
    settings.push_back(numbers.emplace(setting(run), numbers.size()).first->second);
  }
  return settings;
}

/// What is appended to all labels where it is not the same for all runs.
template <class AnyRun>
using Trait = std::function<std::string(const AnyRun&)>;

template <class AnyRun>
void append_where_different(std::vector<std::string>& labels, const std::vector<AnyRun>& runs,
                            const Trait<AnyRun>& trait) {
  std::vector<std::string> traits;
  traits.reserve(runs.size());
  for (const AnyRun& run : runs) traits.push_back(trait(run));
  if (std::adjacent_find(traits.begin(), traits.end(), std::not_equal_to<>()) == traits.end()) {
    return;
  }
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] += ", " + traits[i];
}

std::string tokens_of(const Run& run) {
  const Run::Shape& s = run.shape;
  if (s.queries == s.keys) return fmt::format("{} tokens", s.queries);
  return fmt::format("{} queries, {} keys", s.queries, s.keys);
}

std::string dims_of(const Run& run) {
  const Run::Shape& s = run.shape;
  if (s.head_dim == s.value_dim) return fmt::format("dim {}", s.head_dim);
  return fmt::format("dim {}, value dim {}", s.head_dim, s.value_dim);
}

}  // namespace

std::string label_of(const Run& run) { return run.label.empty() ? run.attention : run.label; }

std::vector<std::size_t> settings_of(const std::vector<Run>& runs) {
  return numbered(runs, [](const Run& run) { return setting_of(run); });
}

std::vector<std::size_t> settings_of(const std::vector<NetworkRun>& networks) {
  return numbered(networks, [](const NetworkRun& run) { return setting_of(run); });
}

std::vector<std::size_t> settings_but_tokens(const std::vector<Run>& runs) {
  return numbered(runs, setting_but_tokens);
}

std::vector<std::size_t> baselines_of(const std::vector<std::size_t>& settings) {
  std::vector<std::size_t> first;  // by setting
  std::vector<std::size_t> baselines;
  baselines.reserve(settings.size());
  for (std::size_t i = 0; i < settings.size(); ++i) {
    if (settings[i] == first.size()) first.push_back(i);
    baselines.push_back(first[settings[i]]);
  }
  return baselines;
}

bool is_one_setting(const std::vector<std::size_t>& settings) {
  return settings.empty() || *std::max_element(settings.begin(), settings.end()) == 0;
}

std::vector<std::string> labels_of(const std::vector<Run>& runs) {
  std::vector<std::string> labels = labels_but_tokens(runs);
  append_where_different<Run>(labels, runs, tokens_of);
  return labels;
}

std::vector<std::string> labels_but_tokens(const std::vector<Run>& runs) {
  std::vector<std::string> labels;
  labels.reserve(runs.size());
  for (const Run& run : runs) labels.push_back(label_of(run));
  append_where_different<Run>(labels, runs, [](const Run& run) {
    return fmt::format("{} {}", run.shape.heads, run.shape.heads == 1 ? "head" : "heads");
  });
  append_where_different<Run>(labels, runs, dims_of);
  append_where_different<Run>(labels, runs, [](const Run& run) { return run.table.name; });
  return labels;
}

std::vector<std::string> labels_of(const std::vector<NetworkRun>& networks) {
  const bool one_network = std::ranges::all_of(
      networks, [&](const NetworkRun& run) { return run.network == networks.front().network; });
  std::vector<std::string> labels;
  labels.reserve(networks.size());
  for (const NetworkRun& run : networks) {
    labels.push_back(one_network ? run.attention : run.network + ", " + run.attention);
  }
  if (one_network) {
    append_where_different<NetworkRun>(labels, networks,
                                       [](const NetworkRun& run) { return run.input_size; });
  }
  append_where_different<NetworkRun>(labels, networks,
                                     [](const NetworkRun& run) { return run.accounting; });
  append_where_different<NetworkRun>(labels, networks,
                                     [](const NetworkRun& run) { return run.table.name; });
  return labels;
}

}  // namespace wattention
