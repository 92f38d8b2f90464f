#pragma once

// Implementations of an interface, by name. A file registers itself with one line at namespace
// scope:
//
//     const Registration<Attention, Model<Softmax>> registration{"softmax", "exact attention"};
//
// A name used twice is an error; an unknown name is an error that lists the known ones and the
// nearest. Files that register must be linked as objects: linkers drop them from static libraries.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/error.hpp"
#include "sim/names.hpp"

namespace wattention {

template <class Interface>
class Registry {
 public:
  struct Entry {
    std::string description;
    std::function<std::unique_ptr<Interface>()> make;
  };

  /// The registry that Registration fills.
  static Registry& global() {
    static Registry registry;
    return registry;
  }

  /// Throws Error where the name is taken.
  void add(const std::string& name, Entry entry) {
    if (!entries_.emplace(name, std::move(entry)).second) {
      throw Error("registry: expected each name once, found " + in_quotes(name) + " twice");
    }
  }

  /// A new instance; throws InputError for an unknown name. `what` is a word for the message.
  std::unique_ptr<Interface> make(std::string_view name, std::string_view what) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) {
      throw InputError(what, one_of(names(), name), in_quotes(name));
    }
    return found->second.make();
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& [name, entry] : entries_) result.push_back(name);
    return result;
  }

  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

template <class Interface, class Implementation>
struct Registration {
  Registration(const std::string& name, const std::string& description) {
    Registry<Interface>::global().add(
        name, {description, [] { return std::make_unique<Implementation>(); }});
  }
};

}  // namespace wattention
