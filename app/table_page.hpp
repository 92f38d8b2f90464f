#pragma once

// A cost table as a document: everything that its JSON says, with the sources numbered.

#include <string>

#include "reports/document/document.hpp"
#include "sim/prices/energy_table.hpp"

namespace wattention {

/// docs/tables/ holds it in Markdown.
Document document_of(const EnergyTable& table);

/// "fp32.mul"
std::string operation_name(Op op, Format format);

/// "1 published, 2 derived": of operations, those kinds that occur.
std::string count_of_kinds(const EnergyTable& table);

/// Calls visit(op, format, price) for every price, by format, then operation.
template <class Visit>
void for_each_price(const EnergyTable& table, const Visit& visit) {
  for (std::size_t f = 0; f < format_count; ++f) {
    for (std::size_t o = 0; o < op_count; ++o) {
      const auto op = static_cast<Op>(o);
      const auto format = static_cast<Format>(f);
      if (table.price(op, format)) visit(op, format, *table.price(op, format));
    }
  }
}

}  // namespace wattention
