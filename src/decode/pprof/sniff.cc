#include "decode/pprof/sniff.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/wire.h"

namespace gopsy::decode {
namespace {

// One message type of profile.proto: for each field number the wire types it may have, as bits, and the message
// inside, as an index into kMessages (0: none to look into).
constexpr std::uint8_t kNumber = 1 << Wire::kVarint;
constexpr std::uint8_t kBlock = 1 << Wire::kBytes;
constexpr std::uint8_t kNumbers = kNumber | kBlock;

struct Field {
  std::uint8_t types = 0;
  std::uint8_t message = 0;
};
using Message = std::array<Field, 16>;

constexpr std::array<Message, 8> kMessages = {{
    // Profile
    {{{},
      {kBlock, 1},
      {kBlock, 2},
      {kBlock, 4},
      {kBlock, 5},
      {kBlock, 7},
      {kBlock},
      {kNumber},
      {kNumber},
      {kNumber},
      {kNumber},
      {kBlock, 1},
      {kNumber},
      {kNumbers},
      {kNumber},
      {kNumber}}},
    // ValueType
    {{{}, {kNumber}, {kNumber}}},
    // Sample
    {{{}, {kNumbers}, {kNumbers}, {kBlock, 3}}},
    // Label
    {{{}, {kNumber}, {kNumber}, {kNumber}, {kNumber}}},
    // Mapping
    {{{},
      {kNumber},
      {kNumber},
      {kNumber},
      {kNumber},
      {kNumber},
      {kNumber},
      {kNumber},
      {kNumber},
      {kNumber},
      {kNumber}}},
    // Location
    {{{}, {kNumber}, {kNumber}, {kNumber}, {kBlock, 6}, {kNumber}}},
    // Line
    {{{}, {kNumber}, {kNumber}, {kNumber}}},
    // Function
    {{{}, {kNumber}, {kNumber}, {kNumber}, {kNumber}, {kNumber}}},
}};

// Reads the value and says whether it fits; a message inside is looked at one level deep and no further.
bool field_fits(Wire& wire, const Message& message, bool look_inside) {
  const Field field = wire.field() < message.size() ? message[wire.field()] : Field{};
  if ((field.types & 1U << wire.type()) == 0) return false;
  if (field.message == 0 || !look_inside) {
    wire.skip();
    return true;
  }
  Wire inside = wire.message();
  while (inside.next())
    if (!field_fits(inside, kMessages[field.message], false)) return false;
  return !inside.failed();
}

bool is_text(std::string_view head) {
  return std::ranges::none_of(head.substr(0, 256), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
  });
}

}  // namespace

Match sniff_profile(std::string_view head) {
  if (head.empty() || is_text(head)) return Match::No;
  Wire wire(head);
  std::size_t fitting = 0;
  bool typed = false;
  while (wire.next()) {
    if (!field_fits(wire, kMessages[0], true)) break;
    if (wire.failed()) break;
    ++fitting;
    typed = typed || wire.field() == 1 || wire.field() == 11;
  }
  // The head may end inside a field; that is no fault of the profile.
  const auto status = wire.status();
  const bool through = status ? wire.done() : status.error().code == Errc::Truncated;
  if (typed && through && fitting >= 3) return Match::Certain;
  return typed && fitting >= 2 ? Match::Maybe : Match::No;
}

}  // namespace gopsy::decode
