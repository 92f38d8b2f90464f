#include "app/job.hpp"

namespace wattention {

void add_run_options(Command command, RunOptions& o) {
  command.option("--seed", &o.seed, "of everything that is drawn (default 1)").group("Run");
  command.option("--set", &o.settings, "an option of the attention: NAME=VALUE, repeatable")
      .group("Attention");
  command.option("--hash", &o.hash, "EcoFormer's hash functions: .safetensors").group("Attention");

  command
      .option("--threads", &o.threads,
              "for the inputs of a network, or for the blocks of an attention (default: all cores)")
      .between(1, 1024)
      .group("Run");
  command.option("--mode", &o.mode, "execute (default), audit or estimate").group("Run");
  command
      .option("--precision", &o.precision,
              "arithmetic of the attention: fp32 (default), fp16 or bf16")
      .group("Run");
  command.option("--accumulate", &o.accumulate, "sums in 16-bit arithmetic: fp32 (default) or same")
      .group("Run");
  command.option("--repeat", &o.repeats, "execute N times; the fastest counts")
      .from_one()
      .group("Run");
  command
      .option("--table", &o.tables,
              "cost table: a name or a .json (default horowitz-45nm); compare takes several")
      .one_value()
      .group("Run");
  command
      .option("--cost", &o.costs,
              "a price of your own, repeatable: fp32.mul=2.2, fp32.exp=15..20, dram.read=1300")
      .one_value()
      .group("Run");
  command
      .option("--accounting", &o.accounting,
              "complete (default): all that is executed; paper: EcoFormer's published forms")
      .group("Run");
  command
      .option("--memory", &o.memory,
              "how bytes move through the table's memory levels: none, ideal, tiled (default), "
              "or trace, address by address")
      .group("Run");
  command
      .flag("--reconcile", &o.reconcile,
            "what is executed beside what EcoFormer's published accounting charges")
      .group("Results");
  command.option("--output", &o.output, "the numerical output: .npy").group("Results");
  command
      .flag("--allow-nonfinite", &o.allow_nonfinite,
            "take inputs, and give outputs, with numbers that are infinite or NaN")
      .group("Run");
  command.option("--json", &o.json, "the report for programs, to a file or - (stdout)")
      .group("Results");
  command.option("--report", &o.report, "the report for people, to a file").group("Results");
  command
      .option("--format", &o.format,
              "of that report: text (default), markdown, csv, latex, html or json")
      .group("Results");
  command
      .option("--plot", &o.plot,
              "a picture: energy by phase and kind, and error; energy against tokens where there "
              "are several; of networks, savings: .svg, .png or .pdf")
      .group("Results");
}

void add_job_options(Command command, JobOptions& o) {
  add_run_options(command, o);
  command.option("--q", &o.q, "queries: float32 .npy, [heads, tokens, dim]").group("Input");
  command.option("--k", &o.k, "keys; where they are the queries, give the same file")
      .group("Input");
  command.option("--v", &o.v, "values").group("Input");
  command
      .option("--tokens", &o.tokens,
              "instead of files: synthetic input of N tokens; N,N,...: a run for each")
      .comma_separated()
      .one_value()
      .from_one()
      .group("Input");
  command.option("--heads", &o.heads, "heads (default 1)").from_one().group("Input");
  command.option("--head-dim", &o.head_dim, "numbers of a query and a key")
      .from_one()
      .group("Input");
  command.option("--keys", &o.keys, "M keys (default: as many as queries)")
      .from_one()
      .group("Input");
  command
      .flag("--share-qk", &o.share_qk,
            "queries and keys are one tensor, charged once, for every attention")
      .group("Input");
  command.option("--value-dim", &o.value_dim, "numbers of a value (default: head dim)")
      .from_one()
      .group("Input");
  command
      .option("--tensor", &o.tensors,
              "a parameter of the attention from a file: NAME=F.npy, repeatable")
      .group("Attention");
  command
      .option("--reference", &o.reference,
              "error against exact softmax: auto (default; not where it takes long), always, "
              "never")
      .choices({"auto", "always", "never"})
      .group("Run");
}

}  // namespace wattention
