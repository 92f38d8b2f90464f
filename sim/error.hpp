#pragma once

// Errors that the library throws. A message names file, place, what was expected and what was
// found, on one line; the library neither prints nor exits.

#include <stdexcept>
#include <string>
#include <string_view>

namespace wattention {

/// Base of every error that Wattention throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The user's input cannot be used as it stands: "FILE: PLACE: expected ..., found ...".
class InputError : public Error {
 public:
  explicit InputError(const std::string& message) : Error(message) {}
  /// What was given to a function: "THING: expected ..., found ...".
  InputError(std::string_view thing, std::string_view expected, std::string_view found)
      : Error(std::string(thing) + ": expected " + std::string(expected) + ", found " +
              std::string(found)) {}
  InputError(std::string_view file, std::string_view place, std::string_view expected,
             std::string_view found)
      : Error(std::string(file) + ": " + std::string(place) + ": expected " +
              std::string(expected) + ", found " + std::string(found)) {}
};

}  // namespace wattention
