#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/wire_writer.h"

namespace gopsy::test {

/// Writes profile.proto from a few lines:
///
///     ProfileBytes p;
///     p.type("cpu", "nanoseconds").mapping("/srv/shop");
///     p.sample({"main.work", "main.main"}, {250}, {{"tenant", "blue"}});
///     decode(kPprof, p.str());
///
/// A name is one location with one line. "inner|outer" is one location where inner was inlined into outer.
/// Order of the message as Go writes it: types, samples and their locations, mappings, strings last.
class ProfileBytes {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;
  struct Number {
    std::string key;
    std::int64_t value = 0;
    std::string unit = {};
  };

  std::uint64_t text(std::string_view s) {
    const auto [found, is_new] = texts_.try_emplace(std::string(s), texts_.size());
    if (is_new) order_.push_back(found->first);
    return found->second;
  }

  ProfileBytes() { text(""); }

  ProfileBytes& type(std::string_view type, std::string_view unit) {
    head_.message(1, value_type(type, unit));
    return *this;
  }
  ProfileBytes& period(std::string_view type, std::string_view unit, std::int64_t period) {
    head_.message(11, value_type(type, unit)).varint(12, static_cast<std::uint64_t>(period));
    return *this;
  }
  ProfileBytes& mapping(std::string_view file) {
    ++mappings_;
    tail_.message(3, WireWriter().varint(1, mappings_).varint(2, 0x400000).varint(3, 0x800000).varint(5, text(file)));
    return *this;
  }
  ProfileBytes& sample(const std::vector<std::string>& leaf_first, const std::vector<std::int64_t>& values,
                       const Labels& labels, const std::vector<Number>& numbers = {}) {
    std::vector<std::uint64_t> ids;
    for (const auto& name : leaf_first) ids.push_back(location(name));
    WireWriter sample;
    sample.packed(1, ids).packed(2, values);
    for (const auto& [key, value] : labels) sample.message(3, WireWriter().varint(1, text(key)).varint(2, text(value)));
    for (const auto& [key, value, unit] : numbers) {
      WireWriter label;
      label.varint(1, text(key)).varint(3, static_cast<std::uint64_t>(value));
      if (!unit.empty()) label.varint(4, text(unit));
      sample.message(3, label);
    }
    body_.message(2, sample);
    return *this;
  }
  ProfileBytes& sample(const std::vector<std::string>& leaf_first, const std::vector<std::int64_t>& values) {
    return sample(leaf_first, values, {});
  }
  /// Any field of the Profile message, as it is.
  ProfileBytes& number(std::uint32_t field, std::uint64_t value) {
    tail_.varint(field, value);
    return *this;
  }
  ProfileBytes& message(std::uint32_t field, const WireWriter& inside) {
    body_.message(field, inside);
    return *this;
  }

  /// The id of the location of that name, written at its first use.
  std::uint64_t location(const std::string& name) {
    const auto [found, is_new] = locations_.try_emplace(name, locations_.size() + 1);
    if (!is_new) return found->second;
    WireWriter location;
    location.varint(1, found->second).varint(2, mappings_).varint(3, 0x401000 + 16 * found->second);
    std::string_view rest = name;
    for (std::uint64_t line = 10;; ++line) {
      const auto bar = rest.find('|');
      location.message(4, WireWriter().varint(1, function(std::string(rest.substr(0, bar)))).varint(2, line));
      if (bar == std::string_view::npos) break;
      rest.remove_prefix(bar + 1);
    }
    body_.message(4, location);
    return found->second;
  }

  std::uint64_t function(const std::string& name) {
    const auto [found, is_new] = functions_.try_emplace(name, functions_.size() + 1);
    if (is_new) {
      const std::uint64_t file = text("/src/" + name.substr(0, name.find('.')) + ".go");
      body_.message(5,
                    WireWriter().varint(1, found->second).varint(2, text(name)).varint(3, text(name)).varint(4, file));
    }
    return found->second;
  }

  [[nodiscard]] std::string str() const {
    std::string out = head_.str() + body_.str() + tail_.str();
    WireWriter strings;
    for (const auto& s : order_) strings.bytes(6, s);
    return out + strings.str();
  }

 private:
  WireWriter value_type(std::string_view type, std::string_view unit) {
    const std::uint64_t type_text = text(type);
    return WireWriter().varint(1, type_text).varint(2, text(unit));
  }

  WireWriter head_;
  WireWriter body_;
  WireWriter tail_;
  std::uint64_t mappings_ = 0;
  std::map<std::string, std::uint64_t> texts_;
  std::map<std::string, std::uint64_t> locations_;
  std::map<std::string, std::uint64_t> functions_;
  std::vector<std::string> order_;
};

}  // namespace gopsy::test
