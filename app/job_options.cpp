// The options of a job, and the input that they describe.

#include "app/job.hpp"
#include "sim/error.hpp"

namespace wattention {

void add_job_options(Command command, JobOptions& o) {
  add_run_options(command, o);
  command.option("--q", &o.q, "File of the queries: float32 .npy, [heads, tokens, dim].")
      .group("Input");
  command.option("--k", &o.k, "File of the keys. Give that of the queries where they are the same.")
      .group("Input");
  command.option("--v", &o.v, "File of the values.").group("Input");
  command
      .option("--tokens", &o.tokens,
              "Number of tokens of a synthetic input, instead of files. Several, as N,N,..., give "
              "a run "
              "each.")
      .comma_separated()
      .one_value()
      .from_one()
      .group("Input");
  command.option("--heads", &o.heads, "Number of heads (default 1).").from_one().group("Input");
  command
      .option("--head-dim", &o.head_dim,
              "Dimension of a head: the numbers of a query and of a key.")
      .from_one()
      .group("Input");
  command.option("--keys", &o.keys, "Number of keys (default: as many as queries).")
      .from_one()
      .group("Input");
  command
      .flag("--share-qk", &o.share_qk,
            "Make queries and keys one tensor, charged once, for every attention.")
      .group("Input");
  command.option("--value-dim", &o.value_dim, "Dimension of a value (default: that of a head).")
      .from_one()
      .group("Input");
  command
      .option("--tensor", &o.tensors,
              "Parameter of the attention from a file, as NAME=F.npy. It may be repeated.")
      .group("Attention");
  command
      .option("--reference", &o.reference,
              "When the error against exact softmax is computed: auto (default, not where it takes "
              "long), always, or never.")
      .choices({"auto", "always", "never"})
      .group("Run");
}

Workload workload_of(const JobOptions& options, Mode mode, std::optional<std::size_t> tokens) {
  const bool any_file = options.q || options.k || options.v;
  const bool any_size =
      tokens || options.heads || options.head_dim || options.keys || options.value_dim;
  if (any_file && any_size) {
    throw InputError("command line", "input", "files (--q --k --v) or sizes (--tokens ...)",
                     "both");
  }
  if (any_file) {
    if (!options.q || !options.k || !options.v) {
      throw InputError("command line", "input", "all of --q, --k and --v", "some of them");
    }
    Workload workload =
        Workload::from_files({*options.q, *options.k, *options.v}, options.allow_nonfinite);
    if (options.share_qk && !workload.qkv().shared) {
      throw InputError(*options.k, "data", "the numbers of the queries, as --share-qk says",
                       "others");
    }
    return workload;
  }
  if (!tokens || !options.head_dim) {
    throw InputError("command line", "input", "--q F --k F --v F, or --tokens N --head-dim D",
                     any_size ? "some of the sizes" : "neither");
  }
  if (options.share_qk && options.keys) {
    throw InputError("command line", "input", "--keys or --share-qk", "both");
  }
  std::optional<std::size_t> keys;
  if (!options.share_qk) keys = options.keys.value_or(*tokens);
  const Workload::Sizes sizes{options.heads.value_or(1), *tokens, keys, *options.head_dim,
                              options.value_dim};
  return mode == Mode::estimate ? Workload::without_data(sizes)
                                : Workload::synthetic(sizes, options.seed);
}

}  // namespace wattention
