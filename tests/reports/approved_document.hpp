#pragma once

// A document in every format for people, as it was approved: NAME.txt, NAME.md, NAME.tex and
// NAME.html, the last without its style sheet, which is a file of its own.

#include <string>

#include "reports/document/document_writer.hpp"
#include "tests/reports/approved.hpp"

namespace wattention::sample {

inline std::string written(const std::string& format, const std::vector<Document>& documents) {
  return Registry<DocumentWriter>::global().make(format, "--format")->write(documents, "1.2.3");
}

inline std::string without_style(std::string page) {
  const std::string style = "<style>\n";
  const std::size_t begin = page.find(style) + style.size();
  return page.replace(begin, page.find("</style>") - begin, "...");
}

inline void check_approved_document(const std::string& name, const Document& document) {
  check_approved(name + ".txt", written("text", {document}));
  check_approved(name + ".md", written("markdown", {document}));
  check_approved(name + ".tex", written("latex", {document}));
  check_approved(name + ".html", without_style(written("html", {document})));
}

}  // namespace wattention::sample
