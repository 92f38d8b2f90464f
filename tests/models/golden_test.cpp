// Outputs that an independent program computed in float64, one folder a case.

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <set>

#include "models/hash_functions.hpp"
#include "sim/files/json_cursor.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

std::vector<std::string> cases() {
  std::vector<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(test_data("golden"))) {
    folders.push_back(entry.path().string());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::string option_text(const JsonCursor& value) {
  if (value.is_string()) return value.string();
  return value.is_number() ? std::to_string(value.unsigned_integer())
                           : (value.boolean() ? "true" : "false");
}

double largest_difference(const View<const float>& a, const View<const float>& b) {
  double largest = 0.0;
  for (std::size_t h = 0; h < b.heads; ++h) {
    for (std::size_t i = 0; i < b.rows; ++i) {
      for (std::size_t c = 0; c < b.cols; ++c) {
        const double difference =
            std::abs(static_cast<double>(a(h, i, c)) - static_cast<double>(b(h, i, c)));
        if (difference > largest || std::isnan(difference)) largest = difference;
      }
    }
  }
  return largest;
}

struct Case {
  explicit Case(const std::string& folder)
      : document(load_json(folder + "/case.json")),
        name(JsonCursor(document).required("attention").string()),
        max_abs_error(JsonCursor(document).required("max_abs_error").number()),
        workload(Workload::from_files({folder + "/q.npy", folder + "/k.npy", folder + "/v.npy"})),
        expected(load_npy(folder + "/output.npy")) {
    if (std::filesystem::exists(folder + "/hash.safetensors")) {
      parameters.hash_file = folder + "/hash.safetensors";
    }
    const std::set<std::string> no_parameters{"q", "k", "v", "output", "codes"};
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string stem = entry.path().stem().string();
      if (entry.path().extension() != ".npy" || no_parameters.contains(stem)) continue;
      tensors[stem] = {entry.path().string(), load_npy_array(entry.path().string())};
    }
  }

  /// With the case's options and one more.
  Tensor<float> run(Mode mode, const std::string& option = "",
                    const std::string& value = "") const {
    const auto attention = attention_named(name);
    for (const auto& [key, cursor] : JsonCursor(document).required("options").members()) {
      attention->options().set(name, key, option_text(cursor));
    }
    if (!option.empty()) attention->options().set(name, option, value);
    for (const auto& [key, tensor] : tensors) attention->options().set_tensor(name, key, tensor);
    attention->prepare(workload.qkv(), parameters);
    Ledger ledger(attention->phases());
    return attention->run(mode, workload.qkv(), ledger);
  }

  Json document;
  std::string name;
  double max_abs_error;
  Workload workload;
  NpyTensor expected;
  Parameters parameters;
  std::map<std::string, NamedTensor> tensors;
};

}  // namespace

TEST_CASE("Outputs agree with every golden case within its error") {
  const auto folder = GENERATE(from_range(cases()));
  INFO(folder);
  const Case golden(folder);
  for (const Mode mode : {Mode::execute, Mode::audit}) {
    const auto output = golden.run(mode);
    REQUIRE(output.rows() == golden.expected.view().rows);
    REQUIRE(output.cols() == golden.expected.view().cols);
    CHECK(largest_difference(output.view(), golden.expected.view()) <= golden.max_abs_error);
  }
}

TEST_CASE("EcoFormer's codes are those of every golden case, bit for bit") {
  const auto folder = GENERATE(from_range(cases()));
  if (!std::filesystem::exists(folder + "/codes.npy")) return;
  INFO(folder);
  const Case golden(folder);
  const auto& keys = golden.workload.qkv().k;
  const auto functions = load_hash_functions(*golden.parameters.hash_file, keys.heads, keys.cols);
  Ledger ledger{"normalise", "kernel", "hash"};
  const auto codes = hash_codes<float>(keys, functions, ledger);
  const NpyTensor expected = load_npy(folder + "/codes.npy");
  std::size_t wrong = 0;
  for (std::size_t h = 0; h < keys.heads; ++h) {
    for (std::size_t i = 0; i < keys.rows; ++i) {
      for (std::size_t b = 0; b < functions.bits(); ++b) {
        const float sign = codes.view().positive(h, i, b) ? 1.0F : -1.0F;
        if (sign != expected.view()(h, i, b)) ++wrong;
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("EcoFormer's two forms give the same output within 1e-5") {
  const auto folder = GENERATE(from_range(cases()));
  const Case golden(folder);
  if (golden.name != "ecoformer") return;
  INFO(folder);
  const auto linear = golden.run(Mode::execute, "form", "linear");
  const auto hamming = golden.run(Mode::execute, "form", "hamming");
  CHECK(largest_difference(hamming.view(), linear.view()) <= 1e-5);
}

TEST_CASE("Every registered attention has a golden case") {
  std::set<std::string> covered;
  for (const std::string& folder : cases()) covered.insert(Case(folder).name);
  for (const std::string& name : Registry<Attention>::global().names()) {
    INFO(name);
    CHECK(covered.contains(name));
  }
}
