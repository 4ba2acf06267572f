#include "render/svg/payload.h"

#include <libdeflate.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/format.h"
#include "base/json_writer.h"
#include "base/pair_table.h"
#include "base/text.h"
#include "render/svg/palette.h"

namespace gopsy::render {
namespace {

using analyze::FlameGraph;
using model::FrameKind;

void put(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>((number & 0x7F) | 0x80);
  out += static_cast<char>(number);
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) {
      const bool filled = i + k <= bytes.size();
      out += filled ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}

std::string deflated(std::string_view bytes) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_deflate_compress_bound(compressor, bytes.size()), '\0');
  out.resize(libdeflate_deflate_compress(compressor, bytes.data(), bytes.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

// The least weight that at most `most` nodes reach. A node is never heavier than its parent, so what
// reaches it is a tree.
std::int64_t threshold_for(const FlameGraph& graph, std::size_t most) {
  if (graph.nodes.size() <= most) return 0;
  std::vector<std::int64_t> totals;
  totals.reserve(graph.nodes.size());
  for (const auto& node : graph.nodes) totals.push_back(node.total);
  const auto at = totals.begin() + static_cast<std::ptrdiff_t>(most);
  std::ranges::nth_element(totals, at, std::ranges::greater{});
  return *at + 1;
}

class Encoder {
 public:
  Encoder(const FlameGraph& graph, const model::Symbols& symbols, std::int64_t threshold)
      : graph_(graph), symbols_(symbols) {
    select(threshold);
    number_entries();
    find_callees();
  }

  [[nodiscard]] std::size_t nodes() const { return kept_.size(); }
  [[nodiscard]] std::int64_t scale() const { return scale_; }

  [[nodiscard]] std::string bytes() const {
    std::string out;
    put_names(out);
    put_callees(out);
    put_columns(out);
    if (!graph_.sides.empty()) put_sides(out);
    return out;
  }

 private:
  struct Kept {
    std::uint32_t node;
    std::uint32_t parent;  // index into kept_
    std::uint32_t entry = 0;
    std::uint32_t children = 0;
    std::int64_t rest = 0;
  };

  void select(std::int64_t threshold) {
    std::vector<std::uint32_t> open;  // kept_ indexes of the path
    for (std::uint32_t n = 0; n < graph_.nodes.size();) {
      const auto& node = graph_.nodes[n];
      open.resize(node.depth);
      const std::uint32_t parent = open.empty() ? 0 : open.back();
      if (n != 0 && node.total < threshold) {
        kept_[parent].rest += node.total;
        scale_ = std::gcd(scale_, node.total);
        n = node.subtree_end;
        continue;
      }
      if (n != 0) ++kept_[parent].children;
      open.push_back(static_cast<std::uint32_t>(kept_.size()));
      kept_.push_back({.node = n, .parent = parent});
      scale_ = std::gcd(scale_, node.self);
      ++n;
    }
    if (scale_ == 0) scale_ = 1;
  }

  // Entries in the order of their names, so that siblings have ascending ones.
  void number_entries() {
    std::vector<std::uint32_t> of_frame(symbols_.frame_count());
    std::unordered_map<std::uint64_t, std::uint32_t> known;
    for (const Kept& kept : kept_) {
      const model::FrameId id = graph_.nodes[kept.node].frame;
      if (id.none() || of_frame[id.value] != 0) continue;
      const model::Frame& frame = symbols_.frame(id);
      const std::uint64_t key = std::uint64_t{frame.function.value} << 2 | static_cast<std::uint64_t>(frame.kind);
      const auto [found, is_new] = known.try_emplace(key, static_cast<std::uint32_t>(entries_.size()));
      if (is_new) entries_.push_back(frame);
      of_frame[id.value] = found->second + 1;
    }
    std::vector<std::uint32_t> order(entries_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, [this](std::uint32_t a, std::uint32_t b) {
      const auto compared = symbols_.text(entries_[a].function) <=> symbols_.text(entries_[b].function);
      return compared != 0 ? compared < 0 : entries_[a].kind < entries_[b].kind;
    });
    std::vector<std::uint32_t> rank(order.size());
    std::vector<model::Frame> sorted;
    sorted.reserve(order.size());
    for (const std::uint32_t o : order) {
      rank[o] = static_cast<std::uint32_t>(sorted.size());
      sorted.push_back(entries_[o]);
    }
    entries_.swap(sorted);
    for (Kept& kept : kept_) {
      const model::FrameId id = graph_.nodes[kept.node].frame;
      if (id) kept.entry = rank[of_frame[id.value] - 1];
    }
  }

  // The callees of the root stand behind those of the entries.
  [[nodiscard]] std::uint32_t caller_of(const Kept& kept) const {
    return kept.parent == 0 ? static_cast<std::uint32_t>(entries_.size()) : kept_[kept.parent].entry;
  }

  void find_callees() {
    PairTable pairs;
    std::vector<std::uint64_t> sorted;
    std::vector<std::uint32_t> pair_of(kept_.size());
    for (std::size_t i = 1; i < kept_.size(); ++i) {
      const auto [number, is_new] = pairs.number(caller_of(kept_[i]), kept_[i].entry);
      if (is_new) sorted.push_back(std::uint64_t{caller_of(kept_[i])} << 32 | kept_[i].entry);
      pair_of[i] = number;
    }
    std::vector<std::uint64_t> pair_keys = sorted;
    std::ranges::sort(sorted);
    callees_.resize(entries_.size() + 1);
    std::vector<std::uint32_t> place_of_pair(pair_keys.size() + 1);
    for (const std::uint64_t key : sorted) callees_[key >> 32].push_back(static_cast<std::uint32_t>(key));
    for (std::size_t p = 0; p < pair_keys.size(); ++p) {
      const auto& list = callees_[pair_keys[p] >> 32];
      const auto at = std::ranges::lower_bound(list, static_cast<std::uint32_t>(pair_keys[p]));
      place_of_pair[p + 1] = static_cast<std::uint32_t>(at - list.begin());
    }
    places_.resize(kept_.size());
    for (std::size_t i = 1; i < kept_.size(); ++i) places_[i] = place_of_pair[pair_of[i]];
  }

  void put_names(std::string& out) const {
    std::unordered_map<StringId, std::uint32_t> numbers;
    std::vector<StringId> texts;
    const auto number = [&](StringId text) {
      const auto [found, is_new] = numbers.try_emplace(text, static_cast<std::uint32_t>(texts.size()));
      if (is_new) texts.push_back(text);
      return found->second;
    };
    std::string rows;
    put(rows, entries_.size());
    for (const model::Frame& frame : entries_) {
      put(rows, number(frame.function));
      put(rows, frame.file ? number(frame.file) + 1 : 0);
      rows += css_class(frame, symbols_);
      rows += static_cast<char>((frame.kind == FrameKind::Inlined ? 1 : 0) | (frame.kind == FrameKind::Marker ? 2 : 0));
    }
    put(out, texts.size());
    for (const StringId text : texts) (out += printable(symbols_.text(text))) += '\0';
    out += rows;
  }

  void put_callees(std::string& out) const {
    for (const auto& list : callees_) {
      put(out, list.size());
      std::uint32_t before = 0;
      for (const std::uint32_t callee : list) {
        put(out, callee - before);
        before = callee;
      }
    }
  }

  void put_columns(std::string& out) const {
    const auto unit = static_cast<std::uint64_t>(scale_);
    std::vector<std::uint32_t> next_place(kept_.size());
    for (const Kept& kept : kept_) put(out, kept.children);
    for (std::size_t i = 1; i < kept_.size(); ++i) {
      put(out, places_[i] - next_place[kept_[i].parent]);
      next_place[kept_[i].parent] = places_[i] + 1;
    }
    for (const Kept& kept : kept_) put(out, static_cast<std::uint64_t>(graph_.nodes[kept.node].self) / unit);
    for (const Kept& kept : kept_) put(out, static_cast<std::uint64_t>(kept.rest) / unit);
    put_cycles(out);
  }

  void put_sides(std::string& out) const {
    const auto signed_number = [&out](std::int64_t value) {
      put(out, static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
    };
    for (const Kept& kept : kept_) signed_number(graph_.sides[kept.node].before);
    for (const Kept& kept : kept_) signed_number(graph_.sides[kept.node].after);
  }

  void put_cycles(std::string& out) const {
    std::string rows;
    std::uint64_t count = 0;
    std::size_t before = 0;
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      const auto& node = graph_.nodes[kept_[i].node];
      if (node.period == 0) continue;
      put(rows, i - before);
      put(rows, node.period);
      put(rows, node.repeats);
      before = i;
      ++count;
    }
    put(out, count);
    out += rows;
  }

  const FlameGraph& graph_;
  const model::Symbols& symbols_;
  std::vector<Kept> kept_;
  std::vector<model::Frame> entries_;
  std::vector<std::vector<std::uint32_t>> callees_;
  std::vector<std::uint32_t> places_;
  std::int64_t scale_ = 0;
};

std::string envelope(const FlameGraph& graph, const model::Symbols& symbols, const Encoder& encoder,
                     std::size_t raw_bytes, const std::string& packed) {
  return fmt::format(R"({{"type":{},"unit":{},"scale":{},"nodes":{},{}"raw":{},"z":"{}"}})",
                     json_string(symbols.text(graph.type)), json_string(symbols.text(graph.unit)), encoder.scale(),
                     encoder.nodes(), graph.sides.empty() ? "" : "\"sides\":true,", raw_bytes, packed);
}

}  // namespace

Payload encode_payload(const FlameGraph& graph, const model::Symbols& symbols, std::size_t most_bytes) {
  // What a node takes depends on the tree (1 to 4 characters). A large tree is tried small first: that tells, and
  // costs a tenth of encoding too much and throwing it away.
  constexpr std::size_t kTrialNodes = 12'000;
  std::size_t most_nodes = graph.nodes.size() <= 2 * kTrialNodes ? graph.nodes.size() : kTrialNodes;
  bool trial = most_nodes < graph.nodes.size();
  for (;;) {
    const std::int64_t threshold = threshold_for(graph, most_nodes);
    const Encoder encoder(graph, symbols, threshold);
    const std::string raw = encoder.bytes();
    const std::string packed = base64(deflated(raw));
    const bool fits = packed.size() <= most_bytes || encoder.nodes() <= 1000;
    if (fits && !trial) {
      return {.json = envelope(graph, symbols, encoder, raw.size(), packed),
              .nodes = encoder.nodes(),
              .threshold = threshold};
    }
    const double ratio = static_cast<double>(most_bytes) / static_cast<double>(packed.size());
    const double reserve = trial ? 1.0 : 0.92;
    most_nodes = static_cast<std::size_t>(static_cast<double>(std::min(most_nodes, encoder.nodes())) * ratio * reserve);
    trial = false;
  }
}

}  // namespace gopsy::render
