#include "wattention/wattention.hpp"

#include "measure/reference.hpp"
#include "reports/writer.hpp"

namespace wattention {

std::vector<std::string> attention_names() { return Registry<Attention>::global().names(); }

Measurement measure(const AttentionChoice& choice, const Workload& workload, const RunSettings& how,
                    std::span<const EnergyTable> tables) {
  const std::unique_ptr<Attention> attention = configured_attention(choice);
  attention->prepare(workload.qkv(), {});
  Measurement measured = measure(choice, *attention, workload, how, tables);
  Reference(workload, how.mode == Mode::estimate ? "never" : "auto").compare(measured);
  return measured;
}

Report report_of(std::vector<Run> runs) { return {version, std::move(runs), {}}; }

std::vector<std::string> report_formats() { return Registry<Writer>::global().names(); }

std::string written(const Report& report, std::string_view format) {
  return Registry<Writer>::global().make(format, "format")->write(report);
}

}  // namespace wattention
