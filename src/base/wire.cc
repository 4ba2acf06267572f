#include "base/wire.h"

namespace gopsy {

void Wire::fail(Errc code, const char* what, std::uint64_t a, std::uint64_t b) {
  fail(Error{.code = code, .offset = offset(), .what = what, .a = a, .b = b});
}

void Wire::fail(const Error& error) {
  if (failed_) return;
  error_ = error;
  failed_ = true;
  at_ = end_;
}

std::uint64_t Wire::long_varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (at_ == end_) {
      fail(Errc::Truncated, "a varint is cut off");
      return 0;
    }
    const auto byte = static_cast<unsigned char>(*at_++);
    // The tenth byte may only carry the top bit of a 64-bit value.
    if (shift == 63 && byte > 1) break;
    value |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return value;
  }
  fail(Errc::Malformed, "a varint is longer than 64 bits");
  return 0;
}

bool Wire::next() {
  if (failed_ || at_ == end_) return false;
  const std::uint64_t tag = raw_varint();
  if (failed_) return false;
  const auto type = static_cast<std::uint8_t>(tag & 7);
  if (type != kVarint && type != kFixed64 && type != kBytes && type != kFixed32) {
    fail(Errc::Malformed, "field {} has wire type {}, which protobuf 3 does not have", tag >> 3, type);
    return false;
  }
  field_ = static_cast<std::uint32_t>(tag >> 3);
  type_ = static_cast<Type>(type);
  return true;
}

std::uint64_t Wire::varint() {
  if (type_ != kVarint) {
    fail(Errc::Malformed, "field {} has wire type {} where a number is expected", field_, type_);
    return 0;
  }
  return raw_varint();
}

std::uint64_t Wire::fixed64() {
  if (type_ != kFixed64) {
    fail(Errc::Malformed, "field {} has wire type {} where eight bytes are expected", field_, type_);
    return 0;
  }
  const char* const at = at_;
  skip();
  if (failed_) return 0;
  std::uint64_t value = 0;
  for (unsigned i = 8; i-- > 0;) value = value << 8 | static_cast<unsigned char>(at[i]);
  return value;
}

std::string_view Wire::bytes() {
  if (type_ != kBytes) {
    fail(Errc::Malformed, "field {} has wire type {} where bytes are expected", field_, type_);
    return {};
  }
  const std::uint64_t length = raw_varint();
  const auto left = static_cast<std::uint64_t>(end_ - at_);
  if (length > left) {
    fail(Errc::Truncated, "a field of {} bytes has {} left", length, left);
    return {};
  }
  const std::string_view content(at_, static_cast<std::size_t>(length));
  at_ += length;
  return content;
}

Wire Wire::message() {
  const std::string_view content = bytes();
  return Wire(content, offset() - content.size());
}

void Wire::skip() {
  switch (type_) {
    case kVarint: raw_varint(); return;
    case kBytes: bytes(); return;
    case kFixed64:
    case kFixed32: {
      const std::ptrdiff_t size = type_ == kFixed64 ? 8 : 4;
      if (end_ - at_ < size) return fail(Errc::Truncated, "a fixed-width field is cut off");
      at_ += size;
      return;
    }
  }
}

}  // namespace gopsy
