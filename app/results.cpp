#include "app/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "reports/document/document_writer.hpp"
#include "reports/plots/plot.hpp"
#include "reports/writer.hpp"
#include "sim/version.hpp"

namespace wattention {

void publish_texts(const ResultOptions& options, OutputFiles& files,
                   const std::function<std::string()>& json,
                   const std::function<std::string()>& report) {
  const auto stage_unless_stdout = [&files](const std::string& path, const std::string& text) {
    if (path != "-") files.stage(path, text);
  };
  if (options.json) stage_unless_stdout(*options.json, json());
  if (options.report) stage_unless_stdout(*options.report, report());
  files.commit();

  if (options.json == "-") {
    std::cout << json();
  } else if (!options.report || options.report == "-") {
    std::cout << report();
  }
}

void demand_formats(const RunResults& options) {
  Registry<Writer>::global().make(options.format, "--format");
  if (options.plot) plot_format(*options.plot);
}

void publish(const Report& report, const RunResults& options, OutputFiles& files) {
  const auto writer = Registry<Writer>::global().make(options.format, "--format");
  const auto json_writer = Registry<Writer>::global().make("json", "--format");
  if (options.plot) files.stage(*options.plot, draw_plot(report, plot_format(*options.plot)));
  publish_texts(
      options, files, [&] { return json_writer->write(report); },
      [&] { return writer->write(report); });
}

std::string output_path(const std::string& path, const std::vector<std::string>& labels,
                        std::size_t index) {
  if (labels.size() == 1) return path;
  std::string label = labels[index];
  std::erase(label, ',');
  std::ranges::replace(label, ' ', '-');
  std::ranges::replace(label, '/', '-');
  const std::filesystem::path whole(path);
  return (whole.parent_path() /
          fmt::format("{}.{}{}", whole.stem().string(), label, whole.extension().string()))
      .string();
}

std::vector<std::string> document_formats() {
  std::vector<std::string> formats = Registry<DocumentWriter>::global().names();
  formats.emplace_back("json");
  std::ranges::sort(formats);
  return formats;
}

void add_document_options(Command command, ResultOptions& o) {
  command.option("--json", &o.json, "File of the report for programs, or - for standard output.");
  command.option("--report", &o.report, "File of the report for people.");
  command.option("--format", &o.format, "Format of the report for people (default text).")
      .choices(document_formats());
}

std::string text_of(const Document& document, const std::string& json, const std::string& format) {
  if (format == "json") return json;
  return Registry<DocumentWriter>::global().make(format, "--format")->write({document}, version);
}

void publish(const Document& document, const std::string& json, const ResultOptions& options,
             OutputFiles& files) {
  publish_texts(
      options, files, [&json] { return json; },
      [&] { return text_of(document, json, options.format); });
}

}  // namespace wattention
