#include "sweeps/configuration.hpp"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <nlohmann/json.hpp>

namespace wattention {
namespace {

using Json = nlohmann::json;  // orders keys

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace

std::string SweptAttention::label() const {
  std::string label = name;
  for (const auto& [option, value] : options)
    label.append(" ").append(option).append("=").append(value);
  return label;
}

std::string text_of(const Configuration& c) {
  Json json{{"table", c.table},
            {"mode", c.mode},
            {"precision", c.precision},
            {"accumulate", c.accumulate},
            {"accounting", c.accounting},
            {"memory", c.memory},
            {"allow_nonfinite", c.allow_nonfinite},
            {"seed", c.seed},
            {"tokens", or_null(c.tokens)},
            {"attention", nullptr}};
  if (c.attention) {
    Json options = Json::object();
    for (const auto& [name, value] : c.attention->options) options[name] = value;
    json["attention"] = {{"name", c.attention->name}, {"options", std::move(options)}};
  }
  if (c.of_network()) {
    json["network"] = c.network;
    json["image_size"] = or_null(c.image_size);
    json["layer_precision"] = c.layer_precision;
  } else {
    json["heads"] = c.heads;
    json["head_dim"] = c.head_dim;
    json["keys"] = or_null(c.keys);
    json["share_qk"] = c.share_qk;
    json["value_dim"] = or_null(c.value_dim);
  }
  constexpr bool ascii_only = false;
  return json.dump(-1, ' ', ascii_only, Json::error_handler_t::replace);
}

std::string content_id(std::string_view text) {
  // The namespace is itself of version 5: of the DNS name "wattention" in RFC 4122's own.
  static const boost::uuids::uuid wattention =
      boost::uuids::name_generator_sha1(boost::uuids::ns::dns())("wattention");
  return to_string(boost::uuids::name_generator_sha1(wattention)(text.data(), text.size()));
}

}  // namespace wattention
