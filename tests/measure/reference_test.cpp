#include "measure/reference.hpp"

#include <catch2/catch.hpp>

#include "sim/prices/shipped_tables.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

Measurement measured(const AttentionChoice& choice, const Workload& workload) {
  const auto attention = configured_attention(choice);
  attention->prepare(workload.qkv(), {});
  const EnergyTable table = find_table("horowitz-45nm");
  return measure(choice, *attention, workload, {}, {&table, 1});
}

OutputError error_of(Reference& reference, Measurement measurement) {
  reference.compare(measurement);
  return measurement.runs.front().error_vs_softmax.value();
}

}  // namespace

TEST_CASE("Errors are the same whether softmax was measured before or not") {
  const auto workload = shared(2, 33, 8);
  Reference alone(workload, "always");
  Reference after(workload, "always");
  CHECK(error_of(after, measured({"softmax"}, workload)).max_abs == 0.0);
  const OutputError expected = error_of(alone, measured({"ecoformer"}, workload));
  const OutputError found = error_of(after, measured({"ecoformer"}, workload));
  CHECK(found.max_abs == expected.max_abs);
  CHECK(found.rmse == expected.rmse);
  CHECK(found.cosine == expected.cosine);
}

TEST_CASE("Causal softmax is no reference for attention that sees all keys") {
  const auto workload = shared(2, 33, 8);
  Reference reference(workload, "always");
  CHECK(error_of(reference, measured({"softmax", {{"causal", "true"}}}, workload)).max_abs == 0.0);
  CHECK(error_of(reference, measured({"flash"}, workload)).max_abs < 1e-5);
}

TEST_CASE("The output of softmax is the reference and is not computed again") {
  const auto workload = shared(2, 33, 8);
  Measurement softmax = measured({"softmax"}, workload);
  softmax.output(0, 0, 0) += 1.0F;  // Which a second computation would find.
  Reference reference(workload, "always");
  CHECK(error_of(reference, std::move(softmax)).max_abs == 0.0);
}

TEST_CASE("Softmax in another arithmetic or mode is no reference") {
  const auto workload = shared(2, 33, 8);
  AttentionChoice narrow{"softmax"};
  narrow.arithmetic.precision = Format::fp16;
  Reference reference(workload, "always");
  CHECK(error_of(reference, measured(narrow, workload)).max_abs > 0.0);

  Measurement audited = measured({"softmax"}, workload);
  audited.output(0, 0, 0) += 1.0F;
  audited.runs.front().mode = "audit";
  Reference another(workload, "always");
  CHECK(error_of(another, std::move(audited)).max_abs > 0.9);
}
