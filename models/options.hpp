#pragma once

// Options of an attention: each binds a member of the attention to a name, its legal values and a
// line of help. The same list sets them, lists them and echoes them in the report.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/option_value.hpp"
#include "sim/tensor/array.hpp"

namespace wattention {

/// A tensor from a file, which messages name.
struct NamedTensor {
  std::string file;
  Array array;
};

class Options {
 public:
  struct Option {
    std::string name;
    std::string help;
    std::string values;  // what may be given: "1 to 4096", "token or sequence"
    std::function<OptionValue()> value;
    /// False where the text is no legal value.
    std::function<bool(std::string_view)> assign;
  };

  struct TensorOption {
    std::string name;
    std::string help;
    std::function<void(const NamedTensor&)> assign;
  };

  void integer(std::string name, std::size_t& value, std::size_t least, std::size_t most,
               std::string help);
  /// A real number, from `least` to `most`, both included.
  void number(std::string name, double& value, double least, double most, std::string help);
  void flag(std::string name, bool& value, std::string help);
  void choice(std::string name, std::string& value, std::vector<std::string> choices,
              std::string help);
  /// A parameter that is a tensor. The attention checks its shape.
  void tensor(std::string name, std::optional<NamedTensor>& value, std::string help);

  /// Throws InputError for a name that `owner` does not know, or a value that is not legal.
  void set(std::string_view owner, std::string_view name, std::string_view text);

  /// Throws InputError for a name that `owner` does not know.
  void set_tensor(std::string_view owner, std::string_view name, const NamedTensor& tensor);

  bool knows(std::string_view name) const;
  bool knows_tensor(std::string_view name) const;
  const std::vector<Option>& all() const { return options_; }
  const std::vector<TensorOption>& tensors() const { return tensors_; }

 private:
  std::vector<Option> options_;
  std::vector<TensorOption> tensors_;
};

}  // namespace wattention
