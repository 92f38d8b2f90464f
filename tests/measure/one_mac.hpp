#pragma once

#include <array>

#include "models/attention.hpp"

namespace wattention {

/// Declares a mac in its only phase and computes nothing.
class OneMac : public Attention {
 public:
  std::span<const std::string_view> phases() const override { return names_; }
  Options& options() override { return options_; }
  const Options& options() const override { return options_; }
  bool takes_hash() const override { return false; }
  bool data_dependent() const override { return false; }
  bool shares_queries_and_keys() const override { return false; }
  void prepare(const Qkv<float>&, const Parameters&) override {}
  std::vector<std::string> notes() const override { return {}; }
  Tensor<float> run(Mode, const Arithmetic&, const Qkv<float>&, Ledger& ledger) const override {
    ledger["only"].declare({{Op::mac, Format::fp32, 1}});
    return {};
  }

 private:
  static constexpr std::array<std::string_view, 1> names_{"only"};
  Options options_;
};

}  // namespace wattention
