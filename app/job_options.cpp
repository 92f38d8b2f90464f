#include "app/job.hpp"
#include "sim/names.hpp"

namespace wattention {
namespace {

const CLI::Validator from_one(
    [](std::string& text) -> std::string {
      const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
      if (digits && text.find_first_not_of('0') != std::string::npos) return "";
      return "expected a whole number from 1 on, found " + in_quotes(text);
    },
    "FROM 1");

}  // namespace

void add_run_options(CLI::App& command, RunOptions& o) {
  command.add_option("--seed", o.seed, "of everything that is drawn (default 1)")->group("Run");
  command.add_option("--set", o.settings, "an option of the attention: NAME=VALUE, repeatable")
      ->group("Attention");
  command.add_option("--hash", o.hash, "EcoFormer's hash functions: .safetensors")
      ->group("Attention");

  command
      .add_option(
          "--threads", o.threads,
          "for the inputs of a network, or for the blocks of an attention (default: all cores)")
      ->check(CLI::Range(1, 1024))
      ->group("Run");
  command.add_option("--mode", o.mode, "execute (default), audit or estimate")->group("Run");
  command
      .add_option("--precision", o.precision,
                  "arithmetic of the attention: fp32 (default), fp16 or bf16")
      ->group("Run");
  command
      .add_option("--accumulate", o.accumulate, "sums in 16-bit arithmetic: fp32 (default) or same")
      ->group("Run");
  command.add_option("--repeat", o.repeats, "execute N times; the fastest counts")
      ->check(from_one)
      ->group("Run");
  command
      .add_option("--table", o.tables,
                  "cost table: a name or a .json (default horowitz-45nm); compare takes several")
      ->allow_extra_args(false)
      ->group("Run");
  command
      .add_option("--cost", o.costs,
                  "a price of your own, repeatable: fp32.mul=2.2, fp32.exp=15..20, dram.read=1300")
      ->allow_extra_args(false)
      ->group("Run");
  command
      .add_option("--accounting", o.accounting,
                  "complete (default): all that is executed; paper: EcoFormer's published forms")
      ->group("Run");
  command
      .add_option("--memory", o.memory,
                  "how bytes move through the table's memory levels: none, ideal, tiled (default), "
                  "or trace, address by address")
      ->group("Run");
  command
      .add_flag("--reconcile", o.reconcile,
                "what is executed beside what EcoFormer's published accounting charges")
      ->group("Results");
  command.add_option("--output", o.output, "the numerical output: .npy")->group("Results");
  command
      .add_flag("--allow-nonfinite", o.allow_nonfinite,
                "take inputs, and give outputs, with numbers that are infinite or NaN")
      ->group("Run");
  command.add_option("--json", o.json, "the report for programs, to a file or - (stdout)")
      ->group("Results");
  command.add_option("--report", o.report, "the report for people, to a file")->group("Results");
  command
      .add_option("--format", o.format,
                  "of that report: text (default), markdown, csv, latex, html or json")
      ->group("Results");
  command
      .add_option(
          "--plot", o.plot,
          "a picture: energy by phase and kind, and error; energy against tokens where there "
          "are several; of networks, savings: .svg, .png or .pdf")
      ->group("Results");
}

void add_job_options(CLI::App& command, JobOptions& o) {
  add_run_options(command, o);
  command.add_option("--q", o.q, "queries: float32 .npy, [heads, tokens, dim]")->group("Input");
  command.add_option("--k", o.k, "keys; where they are the queries, give the same file")
      ->group("Input");
  command.add_option("--v", o.v, "values")->group("Input");
  command
      .add_option("--tokens", o.tokens,
                  "instead of files: synthetic input of N tokens; N,N,...: a run for each")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(from_one)
      ->group("Input");
  command.add_option("--heads", o.heads, "heads (default 1)")->check(from_one)->group("Input");
  command.add_option("--head-dim", o.head_dim, "numbers of a query and a key")
      ->check(from_one)
      ->group("Input");
  command.add_option("--keys", o.keys, "M keys (default: as many as queries)")
      ->check(from_one)
      ->group("Input");
  command
      .add_flag("--share-qk", o.share_qk,
                "queries and keys are one tensor, charged once, for every attention")
      ->group("Input");
  command.add_option("--value-dim", o.value_dim, "numbers of a value (default: head dim)")
      ->check(from_one)
      ->group("Input");
  command
      .add_option("--tensor", o.tensors,
                  "a parameter of the attention from a file: NAME=F.npy, repeatable")
      ->group("Attention");
  command
      .add_option("--reference", o.reference,
                  "error against exact softmax: auto (default; not where it takes long), always, "
                  "never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->group("Run");
}

}  // namespace wattention
