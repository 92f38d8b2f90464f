#pragma once

// Where the results of a command go: to files, all of them or none, or to the terminal.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/command_line.hpp"
#include "reports/document/document.hpp"
#include "reports/report.hpp"
#include "sim/files/output_files.hpp"

namespace wattention {

struct ResultOptions {
  std::optional<std::string> json, report;  // files; "-" is stdout
  std::string format = "text";              // of the report
};

/// Of commands that run something.
struct RunResults : ResultOptions {
  std::optional<std::string> output, plot;
};

/// Stages the files that were asked for beside those that are staged, commits all, and prints what
/// goes to no file. `json` and `report` write the texts, where they are needed.
void publish_texts(const ResultOptions& options, OutputFiles& files,
                   const std::function<std::string()>& json,
                   const std::function<std::string()>& report);

/// Throws InputError where the formats of the report or of the plot are not known.
void demand_formats(const RunResults& options);

/// The report of runs, and its plot.
void publish(const Report& report, const RunResults& options, OutputFiles& files);

/// "out.npy" for one output; "out.ecoformer-bits=32.npy" among several.
std::string output_path(const std::string& path, const std::vector<std::string>& labels,
                        std::size_t index);

/// The formats of a document: those for people, and json.
std::vector<std::string> document_formats();

/// Options of a command whose report is a document.
void add_document_options(Command command, ResultOptions& options);

/// The document in one of document_formats(); `json` is the text of the last.
std::string text_of(const Document& document, const std::string& json, const std::string& format);

void publish(const Document& document, const std::string& json, const ResultOptions& options,
             OutputFiles& files);

}  // namespace wattention
