#include "sim/registry.hpp"

#include <catch2/catch.hpp>

using namespace wattention;

namespace {

struct Animal {
  virtual ~Animal() = default;
};
struct Cat : Animal {};

Registry<Animal> zoo() {
  Registry<Animal> registry;
  registry.add("cat", {"purrs", [] { return std::make_unique<Cat>(); }});
  registry.add("dog", {"barks", [] { return std::make_unique<Cat>(); }});
  return registry;
}

}  // namespace

TEST_CASE("A registered name makes an instance") {
  CHECK(zoo().make("cat", "animal") != nullptr);
  CHECK(zoo().names() == std::vector<std::string>{"cat", "dog"});
}

TEST_CASE("A name that is used twice is an error") {
  auto registry = zoo();
  CHECK_THROWS_WITH(registry.add("cat", {"", nullptr}),
                    "registry: expected each name once, found \"cat\" twice");
}

TEST_CASE("An unknown name lists the known ones and the nearest") {
  CHECK_THROWS_WITH(zoo().make("cta", "animal"),
                    "animal: expected one of cat, dog (did you mean cat?), found "
                    "\"cta\"");
  CHECK_THROWS_WITH(zoo().make("elephant", "animal"),
                    "animal: expected one of cat, dog, found \"elephant\"");
}

TEST_CASE("The nearest name is found by edit distance, and nothing where all are far") {
  const std::vector<std::string> known{"softmax", "ecoformer", "performer"};
  CHECK(nearest_name("sofmax", known) == "softmax");
  CHECK(nearest_name("ecofromer", known) == "ecoformer");
  CHECK(nearest_name("preformer", known) == "performer");
  CHECK(nearest_name("zzz", known).empty());
  CHECK(nearest_name(std::string(100000, 's'), known).empty());
  CHECK(nearest_name("", known).empty());
}

TEST_CASE("Quoted text is one printable line of bounded length") {
  CHECK(in_quotes("a\nb\"c\\") == R"("a\x0ab\"c\\")");
  CHECK(in_quotes(std::string(200, 'x')).size() == 60 + 5);
}
