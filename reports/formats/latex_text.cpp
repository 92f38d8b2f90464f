#include "reports/formats/latex_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "reports/wording/utf8.hpp"

namespace wattention {
namespace {

using Command = std::pair<char32_t, std::string_view>;

constexpr std::array<Command, 15> specials{{{U'\\', "\\textbackslash{}"},
                                            {U'{', "\\{"},
                                            {U'}', "\\}"},
                                            {U'$', "\\$"},
                                            {U'&', "\\&"},
                                            {U'#', "\\#"},
                                            {U'%', "\\%"},
                                            {U'_', "\\_"},
                                            {U'^', "\\textasciicircum{}"},
                                            {U'~', "\\textasciitilde{}"},
                                            {U'<', "$<$"},
                                            {U'>', "$>$"},
                                            {U'|', "$|$"},
                                            {U'"', "\\texttt{\\char34}"},
                                            {U'`', "\\`{}"}}};

constexpr std::array<Command, 32> symbols{{{U'\u00a0', "~"},
                                           {U'\u00a7', "\\S{}"},
                                           {U'\u00b0', "$^\\circ$"},
                                           {U'\u00b1', "$\\pm$"},
                                           {U'\u00b2', "$^2$"},
                                           {U'\u00b3', "$^3$"},
                                           {U'\u00b5', "$\\mu$"},
                                           {U'\u00b7', "$\\cdot$"},
                                           {U'\u00b9', "$^1$"},
                                           {U'\u00d7', "$\\times$"},
                                           {U'\u00f7', "$\\div$"},
                                           {U'\u2010', "-"},
                                           {U'\u2013', "--"},
                                           {U'\u2014', "---"},
                                           {U'\u2018', "`"},
                                           {U'\u2019', "'"},
                                           {U'\u201c', "``"},
                                           {U'\u201d', "''"},
                                           {U'\u2022', "$\\bullet$"},
                                           {U'\u2026', "\\dots{}"},
                                           {U'\u2190', "$\\leftarrow$"},
                                           {U'\u2192', "$\\rightarrow$"},
                                           {U'\u2208', "$\\in$"},
                                           {U'\u2211', "$\\sum$"},
                                           {U'\u2212', "$-$"},
                                           {U'\u221a', "$\\surd$"},
                                           {U'\u221e', "$\\infty$"},
                                           {U'\u2248', "$\\approx$"},
                                           {U'\u2260', "$\\neq$"},
                                           {U'\u2264', "$\\leq$"},
                                           {U'\u2265', "$\\geq$"},
                                           {U'\u226a', "$\\ll$"}}};

constexpr std::array<std::string_view, 25> small_greek{
    "\\alpha", "\\beta", "\\gamma", "\\delta",    "\\epsilon", "\\zeta", "\\eta",
    "\\theta", "\\iota", "\\kappa", "\\lambda",   "\\mu",      "\\nu",   "\\xi",
    "o",       "\\pi",   "\\rho",   "\\varsigma", "\\sigma",   "\\tau",  "\\upsilon",
    "\\phi",   "\\chi",  "\\psi",   "\\omega"};
constexpr std::array<std::string_view, 25> large_greek{
    "A",       "B",        "\\Gamma",   "\\Delta", "E",    "Z",     "H",      "\\Theta", "I",
    "K",       "\\Lambda", "M",         "N",       "\\Xi", "O",     "\\Pi",   "P",       "?",
    "\\Sigma", "T",        "\\Upsilon", "\\Phi",   "X",    "\\Psi", "\\Omega"};

/// Letters that the default fonts lack.
constexpr std::u32string_view missing =
    U"\u00d0\u00de\u00f0\u00fe\u0104\u0105\u0110\u0111\u0118\u0119\u0126\u0127\u012e\u012f\u0138"
    U"\u013f\u0140\u0149\u014a\u014b\u0166\u0167\u0172\u0173\u017f";

template <std::size_t Size>
std::string_view found_in(const std::array<Command, Size>& commands, char32_t c) {
  const auto command = std::ranges::find(commands, c, &Command::first);
  return command == commands.end() ? std::string_view() : command->second;
}

std::string latex_of(char32_t c) {
  for (const std::string_view command : {found_in(specials, c), found_in(symbols, c)}) {
    if (!command.empty()) return std::string(command);
  }
  if (c >= U'\u03b1' && c <= U'\u03c9') {
    return "$" + std::string(small_greek[c - U'\u03b1']) + "$";
  }
  if (c >= U'\u0391' && c <= U'\u03a9') {
    return "$" + std::string(large_greek[c - U'\u0391']) + "$";
  }
  const bool ascii = c < 0x80;
  const bool latin = c >= 0xc0 && c <= 0x17e && missing.find(c) == std::u32string_view::npos;
  return ascii || latin ? "" : "?";
}

}  // namespace

std::string latex_text(std::string_view text) {
  char32_t before = 0;
  return escaped(text, [&before](char32_t c) {
    const bool ligature = c == before && (c == U'-' || c == U'\'');
    before = c;
    return ligature ? std::string("{}") + static_cast<char>(c) : latex_of(c);
  });
}

}  // namespace wattention
