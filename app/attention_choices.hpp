#pragma once

// Attentions as the command line names them, with their options.

#include <string>
#include <utility>
#include <vector>

#include "measure/measure.hpp"

namespace wattention {

/// Splits "NAME=VALUE"; throws InputError where it is not that. `place` is for the message.
std::pair<std::string, std::string> name_and_value(const std::string& text,
                                                   const std::string& place);

/// "ecoformer:form=hamming,bits=32"; precision and accumulate may stand among the options.
AttentionChoice parse_choice(const std::string& text, const Arithmetic& arithmetic);

/// Gives every --set to the attentions that know its option.
void apply_settings(std::vector<AttentionChoice>& choices,
                    const std::vector<std::string>& settings);

}  // namespace wattention
