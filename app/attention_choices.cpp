#include "app/attention_choices.hpp"

#include <algorithm>
#include <sstream>

#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

/// What stands between commas: "a=1,b=2" holds two settings, and "" one that is empty.
std::vector<std::string> settings_in(const std::string& text) {
  std::vector<std::string> settings;
  std::istringstream rest(text);
  for (std::string setting; std::getline(rest, setting, ',');) settings.push_back(setting);
  if (settings.empty()) settings.emplace_back();
  return settings;
}

}  // namespace

std::pair<std::string, std::string> name_and_value(const std::string& text,
                                                   const std::string& place) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw InputError("command line", place, "NAME=VALUE", in_quotes(text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

AttentionChoice parse_choice(const std::string& text, const Arithmetic& arithmetic) {
  const std::size_t colon = text.find(':');
  AttentionChoice choice{text.substr(0, colon)};
  choice.arithmetic = arithmetic;
  if (colon == std::string::npos) return choice;
  for (const std::string& setting : settings_in(text.substr(colon + 1))) {
    const auto [name, value] = name_and_value(setting, "option of " + choice.name);
    choice.label += " " + setting;
    if (name == "precision") {
      choice.arithmetic.precision = floating_format_named(value);
    } else if (name == "accumulate") {
      choice.arithmetic.accumulate = named<Accumulate>("accumulate", value);
    } else {
      choice.options.emplace_back(name, value);
    }
  }
  return choice;
}

void apply_settings(std::vector<AttentionChoice>& choices,
                    const std::vector<std::string>& settings) {
  for (const std::string& setting : settings) {
    const auto [name, value] = name_and_value(setting, "--set");
    std::vector<std::string> known;
    bool taken = false;
    for (AttentionChoice& choice : choices) {
      const auto attention = Registry<Attention>::global().make(choice.name, "attention");
      for (const auto& option : attention->options().all()) known.push_back(option.name);
      if (!attention->options().knows(name)) continue;
      taken = true;
      const auto own =
          std::ranges::find(choice.options, name, &std::pair<std::string, std::string>::first);
      if (own == choice.options.end()) choice.options.emplace_back(name, value);
    }
    if (!taken) throw InputError("command line", "--set", one_of(known, name), in_quotes(name));
  }
}

}  // namespace wattention
