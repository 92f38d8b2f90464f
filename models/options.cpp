#include "models/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {

namespace {

/// Assigns the number that the whole text is, where it lies from `least` to `most`.
template <class Number>
bool assign_number(std::string_view text, Number least, Number most, Number& value) {
  Number parsed{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, parsed);
  // Written so that NaN, which is below and above nothing, is refused.
  if (error != std::errc() || stopped != end || !(parsed >= least && parsed <= most)) return false;
  value = parsed;
  return true;
}

}  // namespace

void Options::integer(std::string name, std::size_t& value, std::size_t least, std::size_t most,
                      std::string help) {
  options_.push_back({std::move(name), std::move(help),
                      fmt::format("an integer from {} to {}", least, most),
                      [&value] { return OptionValue(static_cast<std::int64_t>(value)); },
                      [&value, least, most](std::string_view text) {
                        return assign_number(text, least, most, value);
                      }});
}

void Options::number(std::string name, double& value, double least, double most, std::string help) {
  options_.push_back({std::move(name), std::move(help),
                      fmt::format("a number from {} to {}", least, most),
                      [&value] { return OptionValue(value); },
                      [&value, least, most](std::string_view text) {
                        return assign_number(text, least, most, value);
                      }});
}

void Options::flag(std::string name, bool& value, std::string help) {
  options_.push_back({std::move(name), std::move(help), "true or false",
                      [&value] { return OptionValue(value); },
                      [&value](std::string_view text) {
                        if (text != "true" && text != "false") return false;
                        value = text == "true";
                        return true;
                      }});
}

void Options::choice(std::string name, std::string& value, std::vector<std::string> choices,
                     std::string help) {
  std::string values = fmt::format("{}", fmt::join(choices, " or "));
  options_.push_back({std::move(name), std::move(help), std::move(values),
                      [&value] { return OptionValue(value); },
                      [&value, choices = std::move(choices)](std::string_view text) {
                        if (std::ranges::find(choices, text) == choices.end()) return false;
                        value = text;
                        return true;
                      }});
}

void Options::tensor(std::string name, std::optional<NamedTensor>& value, std::string help) {
  tensors_.push_back(
      {std::move(name), std::move(help), [&value](const NamedTensor& tensor) { value = tensor; }});
}

void Options::set_tensor(std::string_view owner, std::string_view name, const NamedTensor& tensor) {
  const auto found = std::ranges::find(tensors_, name, &TensorOption::name);
  if (found == tensors_.end()) {
    std::vector<std::string> known;
    for (const TensorOption& option : tensors_) known.push_back(option.name);
    throw InputError(fmt::format("tensor of {}", owner), one_of(known, name), in_quotes(name));
  }
  found->assign(tensor);
}

void Options::set(std::string_view owner, std::string_view name, std::string_view text) {
  const auto found = std::ranges::find(options_, name, &Option::name);
  const std::string place = fmt::format("option of {}", owner);
  if (found == options_.end()) {
    std::vector<std::string> known;
    for (const Option& option : options_) known.push_back(option.name);
    throw InputError(place, one_of(known, name), in_quotes(name));
  }
  if (!found->assign(text)) {
    throw InputError(place, fmt::format("{}={}", name, found->values), in_quotes(text));
  }
}

bool Options::knows(std::string_view name) const {
  return std::ranges::find(options_, name, &Option::name) != options_.end();
}

bool Options::knows_tensor(std::string_view name) const {
  return std::ranges::find(tensors_, name, &TensorOption::name) != tensors_.end();
}

}  // namespace wattention
