// Whole networks through measure_network, as the command calls it.

#include "measure/network_run.hpp"

#include "sim/files/npy.hpp"
#include "sim/prices/shipped_tables.hpp"
#include "tests/models/networks/small_networks.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/test_data.hpp"

using namespace wattention;

namespace {

std::string text_network(bool causal) {
  return network_text(
      ids(9, 11),
      std::string(
          R"({"layer": "embedding", "name": "e", "out": 8, "kind": "embedding"}, {"residual": [
         {"layer": "attention", "name": "attn", "heads": 2, "projections": {"qkv": "qkv"},
          "output": "o", "replaceable": true, "causal": )") +
          (causal ? "true" : "false") + R"(}]}, {"layer": "mean_tokens", "kind": "head"})");
}

NetworkJob job_of(bool causal, const std::string& attention, Mode mode) {
  NetworkJob job{defined(text_network(causal))};
  job.attention = AttentionChoice{attention};
  job.how.mode = mode;
  return job;
}

const std::vector<EnergyTable>& horowitz() {
  static const std::vector<EnergyTable> tables{find_table("horowitz-45nm")};
  return tables;
}

bool same(const std::vector<OperationLine>& a, const std::vector<OperationLine>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const OperationLine& x, const OperationLine& y) {
        return x.phase == y.phase && x.op == y.op && x.format == y.format && x.count == y.count;
      });
}

}  // namespace

TEST_CASE("Every attention runs in a network of tokens, in every mode, with its books balanced") {
  const auto name = GENERATE(from_range(Registry<Attention>::global().names()));
  INFO(name);
  // An audit whose books do not balance throws.
  const NetworkMeasurement executed =
      measure_network(job_of(false, name, Mode::execute), horowitz());
  const NetworkMeasurement audited = measure_network(job_of(false, name, Mode::audit), horowitz());
  const NetworkMeasurement estimated =
      measure_network(job_of(false, name, Mode::estimate), horowitz());
  CHECK(same(executed.runs.front().operations, audited.runs.front().operations));
  CHECK(same(executed.runs.front().operations, estimated.runs.front().operations));
  CHECK(executed.runs.front().read_bytes == estimated.runs.front().read_bytes);
  CHECK(executed.runs.front().write_bytes == estimated.runs.front().write_bytes);
  CHECK(executed.output.shape == std::vector<std::size_t>{8});
  for (std::size_t i = 0; i < executed.output.data.size(); ++i) {
    CHECK(executed.output.data[i] == Approx(audited.output.data[i]).margin(1e-6));
  }
  CHECK(estimated.output.data.empty());
  CHECK(executed.runs.front().energy_pj.total.low > 0.0);
  CHECK(executed.runs.front().error_vs_native.has_value());
  const bool shares = attention_named(name)->shares_queries_and_keys();
  CHECK(executed.runs.front().layers.at(1).out ==
        (shares ? "9 tokens of 16 channels" : "9 tokens of 24 channels"));
}

TEST_CASE("A causal network takes the attentions that know causal, and refuses the others") {
  const auto name = GENERATE(from_range(Registry<Attention>::global().names()));
  INFO(name);
  const NetworkJob job = job_of(true, name, Mode::audit);
  if (attention_named(name)->options().knows("causal")) {
    const NetworkRun run = measure_network(job, horowitz()).runs.front();
    const auto causal = std::pair<std::string, OptionValue>{"causal", true};
    CHECK(std::find(run.options.begin(), run.options.end(), causal) != run.options.end());
  } else {
    CHECK_THROWS_WITH(measure_network(job, horowitz()),
                      "attention: expected an attention with the option causal for "
                      "small, found " +
                          name);
  }
}

TEST_CASE("Softmax in place of softmax changes nothing, and EcoFormer something") {
  const NetworkRun same_run =
      measure_network(job_of(false, "softmax", Mode::execute), horowitz()).runs.front();
  REQUIRE(same_run.error_vs_native);
  CHECK(same_run.error_vs_native->max_abs == 0.0);
  const NetworkRun other =
      measure_network(job_of(false, "ecoformer", Mode::execute), horowitz()).runs.front();
  CHECK(other.error_vs_native->max_abs > 0.0);
}

TEST_CASE("Several inputs are spread over threads, give each its output and count as one") {
  const TemporaryFolder folder;
  NetworkJob job{
      defined(network_text(images(2, 3, 4), R"({"layer": "linear", "out": 3, "kind": "mlp"},
                                                        {"layer": "mean_tokens", "kind": "head"})"))};
  Array batch{{5, 2, 3, 4}, {}};
  Random random(1);
  for (int i = 0; i < 5 * 24; ++i) batch.data.push_back(random.normal());
  job.input = folder.write("x.npy", npy_bytes(batch));
  job.how.threads = 1;
  const NetworkMeasurement alone = measure_network(job, horowitz());
  job.how.threads = 4;
  std::size_t last = 0;
  const NetworkMeasurement threaded =
      measure_network(job, horowitz(), [&last](std::size_t done, std::size_t all) {
        CHECK(all == 5);
        CHECK(done == ++last);
      });
  CHECK(last == 5);
  CHECK(alone.output.shape == std::vector<std::size_t>{5, 3});
  CHECK(alone.output.data == threaded.output.data);
  CHECK(same(alone.runs.front().operations, threaded.runs.front().operations));
  CHECK(alone.runs.front().inputs == 5);
  CHECK(alone.runs.front().totals[Total::macs] == 12 * 2 * 3);

  Array one{{1, 2, 3, 4}, std::vector<float>(batch.data.begin() + 72, batch.data.begin() + 96)};
  job.input = folder.write("one.npy", npy_bytes(one));
  const NetworkMeasurement fourth = measure_network(job, horowitz());
  CHECK(std::equal(fourth.output.data.begin(), fourth.output.data.end(),
                   alone.output.data.begin() + 9));
}

TEST_CASE("Energy of all layers is the energy of the network, and that of its operations") {
  NetworkJob job{NetworkDefinition::find("pvtv2-b0")};
  job.how.mode = Mode::estimate;
  const NetworkRun run = measure_network(job, horowitz()).runs.front();
  double layers = 0.0;
  double operations = 0.0;
  std::uint64_t macs = 0;
  for (const LayerLine& layer : run.layers) {
    layers += layer.energy_pj.middle();
    macs += layer.totals[Total::macs];
  }
  for (const OperationLine& line : run.operations) operations += line.energy_pj.middle();
  CHECK(layers == Approx(run.energy_pj.compute.middle()));
  CHECK(operations == Approx(run.energy_pj.compute.middle()));
  CHECK(macs == run.totals[Total::macs]);
}

TEST_CASE("Under several tables a network runs once, and every run is what its table alone gives") {
  NetworkJob job{defined(text_network(false))};
  job.attention = AttentionChoice{"ecoformer"};
  const std::vector<EnergyTable> tables{find_table("horowitz-45nm"), find_table("jouppi-7nm")};
  std::size_t executions = 0;
  const NetworkMeasurement both =
      measure_network(job, tables, [&](std::size_t, std::size_t) { ++executions; });
  CHECK(executions == 1);
  REQUIRE(both.runs.size() == 2);
  for (std::size_t t = 0; t < tables.size(); ++t) {
    const NetworkMeasurement alone = measure_network(job, std::span(&tables[t], 1));
    const NetworkRun& run = alone.runs.front();
    CHECK(both.runs[t].table.name == tables[t].name());
    CHECK(both.runs[t].energy_pj.total == run.energy_pj.total);
    CHECK(both.runs[t].energy_pj.memory == run.energy_pj.memory);
    CHECK(same(both.runs[t].operations, run.operations));
    CHECK(both.runs[t].traffic.size() == run.traffic.size());
    CHECK(both.runs[t].notes == run.notes);
  }
  CHECK(both.runs[0].energy_pj.total.low != both.runs[1].energy_pj.total.low);
}
