#include "app/kernel_catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "app/kernel_sources.hpp"
#include "sim/ledger/op.hpp"

namespace wattention {
namespace {

/// The text up to the bracket that closes the one at `open`, without both.
std::string_view in_brackets(std::string_view text, std::size_t open) {
  std::size_t depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '(' || c == '{') ++depth;
    if ((c == ')' || c == '}') && --depth == 0) return text.substr(open + 1, i - open - 1);
  }
  return {};
}

/// On one line, with single spaces.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!space) line += c;
    if (space && !line.empty() && line.back() != ' ') line += ' ';
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

/// The parts between commas, or between other separators, that stand in no bracket.
std::vector<std::string> parts_of(std::string_view list, char separator = ',') {
  std::vector<std::string> parts;
  std::size_t depth = 0;
  std::string part;
  for (const char c : list) {
    if (c == '(' || c == '{' || c == '<') ++depth;
    if (c == ')' || c == '}' || c == '>') --depth;
    if (c == separator && depth == 0) {
      parts.push_back(in_one_line(part));
      part.clear();
    } else {
      part += c;
    }
  }
  if (std::string last = in_one_line(part); !last.empty()) parts.push_back(std::move(last));
  return parts;
}

/// The lines that begin with /// right above a place.
std::string comment_above(std::string_view text, std::size_t place) {
  std::vector<std::string_view> lines;
  while (place > 0) {
    const std::size_t end = place - 1;
    const std::size_t begin = end == 0 ? 0 : text.rfind('\n', end - 1) + 1;
    const std::string_view line = text.substr(begin, end - begin);
    if (line.starts_with("///")) {
      lines.push_back(line.substr(3));
    } else if (!line.starts_with("template")) {
      break;
    }
    place = begin;
  }
  std::string comment;
  std::ranges::reverse(lines);
  for (const std::string_view line : lines) comment.append(line).append(" ");
  return in_one_line(comment);
}

bool is_of_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Puts `meaning` where `name` stands as a whole word.
std::string with_meaning(const std::string& text, std::string_view name,
                         const std::string& meaning) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const bool begins = i == 0 || (!is_of_name(text[i - 1]) && text[i - 1] != '.');
    const std::size_t after = i + name.size();
    if (begins && std::string_view(text).substr(i, name.size()) == name &&
        (after == text.size() || !is_of_name(text[after]))) {
      result += meaning;
      i = after;
    } else {
      result += text[i++];
    }
  }
  return result;
}

struct Local {
  std::string name;
  std::string meaning;
};

/// "const T name = meaning;" before the declaration, in their order.
std::vector<Local> locals_in(std::string_view body) {
  std::vector<Local> locals;
  for (std::size_t at = body.find("\n  const"); at != std::string_view::npos;
       at = body.find("\n  const", at + 1)) {
    const std::size_t end = body.find(';', at);
    const std::size_t equals = body.find(" = ", at);
    if (end == std::string_view::npos || equals > end) continue;
    const std::string_view declared = body.substr(at, equals - at);
    const std::string name(declared.substr(declared.rfind(' ') + 1));
    std::string meaning = in_one_line(body.substr(equals + 3, end - equals - 3));
    if (parts_of(meaning, ' ').size() > 1) meaning.insert(0, "(").append(")");
    for (const Local& earlier : locals)
      meaning = with_meaning(meaning, earlier.name, earlier.meaning);
    locals.push_back({name, meaning});
  }
  return locals;
}

std::string in_plain_words(std::string text, const std::vector<Local>& locals) {
  for (const Local& local : locals) text = with_meaning(text, local.name, local.meaning);
  return text;
}

/// "run" for the format that a run computes in, "sums" for that of its sums, else a format's name.
std::string name_of_format(const std::string& in_source) {
  if (in_source == "format_of<Sum<Real>>" || in_source == "format_of<Wide>") return "sums";
  if (in_source == "format_of<Int>") return std::string(name_of(Format::int32));
  constexpr std::string_view fixed = "Format::";
  return in_source.starts_with(fixed) ? in_source.substr(fixed.size()) : "run";
}

/// {{Op::mac, format, n}, ...}; an empty list where the source passes a list by name.
std::vector<CatalogueKernel::Charge> charges_of(const std::string& declared,
                                                const std::vector<Local>& locals) {
  std::vector<CatalogueKernel::Charge> charges;
  if (!declared.starts_with('{')) return charges;
  for (const std::string& one : parts_of(in_brackets(declared, 0))) {
    const std::vector<std::string> fields = parts_of(in_brackets(one, 0));
    if (fields.size() != 3 || !fields[0].starts_with("Op::")) continue;
    charges.push_back({fields[0].substr(4), name_of_format(in_plain_words(fields[1], locals)),
                       in_plain_words(fields[2], locals)});
  }
  return charges;
}

/// What the body declares, by itself or, of a function of single numbers, by each_number.
void add_declaration(CatalogueKernel& kernel, std::string_view body) {
  constexpr std::string_view each_number = " each_number<Real>(";
  const std::size_t work = body.find(" work(");
  const std::size_t each = body.find(each_number);
  if (work != std::string_view::npos) {
    const auto declared = parts_of(in_brackets(body, body.find('(', work)));
    kernel.charges = charges_of(declared.at(1), locals_in(body.substr(0, work)));
    kernel.movement = declared.at(2);
    constexpr std::string_view later = " phase.declare(";  // what the values of the input decide
    if (const std::size_t at = body.find(later); at != std::string_view::npos) {
      const auto more = parts_of(in_brackets(body, at + later.size() - 1));
      std::ranges::move(charges_of(more.at(0), {}), std::back_inserter(kernel.charges));
    }
  } else if (each != std::string_view::npos) {
    const auto given = parts_of(in_brackets(body, each + each_number.size() - 1));
    kernel.charges = charges_of(given.at(1), locals_in(body.substr(0, each)));
    for (CatalogueKernel::Charge& charge : kernel.charges) charge.count += " for every number";
    kernel.movement = fmt::format("reads({}) + writes({})", given.at(2), given.at(3));
  } else {
    kernel.movement = "what the kernels move that it calls, which charge, too";
  }
}

}  // namespace

std::vector<CatalogueKernel> kernels_in(const std::string& header, const std::string& text) {
  std::vector<CatalogueKernel> kernels;
  constexpr std::string_view phase = "(Phase& phase";
  for (std::size_t at = text.find(phase); at != std::string::npos; at = text.find(phase, at + 1)) {
    const std::size_t line = text.rfind('\n', at) + 1;
    const std::size_t end = text.find("\n}\n", at);
    const std::string_view signature = std::string_view(text).substr(line, at - line);
    if (signature.starts_with(' ') || signature.starts_with('/') || end == std::string::npos)
      continue;
    const std::string_view body = std::string_view(text).substr(at, end - at);
    const std::vector<std::string> arguments = parts_of(in_brackets(body, 0));
    CatalogueKernel kernel;
    kernel.name = signature.substr(signature.rfind(' ') + 1);
    kernel.header = header;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
      kernel.arguments += (i == 1 ? "" : ", ") + arguments[i];
    }
    kernel.description = comment_above(text, line);
    add_declaration(kernel, body);
    kernels.push_back(std::move(kernel));
  }
  return kernels;
}

std::vector<CatalogueKernel> kernel_catalogue() {
  std::vector<CatalogueKernel> all;
  for (const ShippedText& source : kernel_sources()) {
    if (source.name == "work") continue;  // what kernels declare by
    const std::string header = "sim/kernels/" + std::string(source.name) + ".hpp";
    std::ranges::move(kernels_in(header, std::string(source.text)), std::back_inserter(all));
  }
  return all;
}

}  // namespace wattention
