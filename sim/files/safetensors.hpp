#pragma once

// Safetensors files of float32 tensors, by name.
//
// Layout: the length of the header (8 bytes, little-endian, at most 100 MB), the header (JSON:
// name -> {dtype, shape, data_offsets}, and optionally "__metadata__", a map of strings), the
// numbers. The tensors cover the data without overlap and without holes. Everything is checked
// before a tensor is allocated; damaged files throw InputError with the place.
// Source: github.com/huggingface/safetensors, "Format".

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "sim/tensor/array.hpp"

namespace wattention {

std::map<std::string, Array> load_safetensors(const std::string& path);

/// The same from bytes in memory; `file` is the name for messages.
std::map<std::string, Array> parse_safetensors(std::span<const std::byte> bytes,
                                               std::string_view file);

/// A file with the tensors in the order of their names; the numbers start at a multiple of 8.
std::string safetensors_bytes(const std::map<std::string, Array>& tensors,
                              const std::map<std::string, std::string>& metadata = {});

}  // namespace wattention
