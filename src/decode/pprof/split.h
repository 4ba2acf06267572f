#pragma once

#include <string_view>
#include <vector>

namespace gopsy::decode {

/// The profiles that stand one behind the other in `bytes`, as `cat a.pb b.pb` leaves them; one if it is one.
///
/// A message has no end mark, so the next begins where a writer starts anew, behind strings: google/pprof and others
/// write in the order of field numbers and start with a sample type; Go's runtime writes strings last and starts with
/// the period's type or a time, of which a profile has one.
/// Cost  one look at each field of the outermost message.
/// Source  runtime/pprof/proto.go newProfileBuilder; profile/encode.go.
std::vector<std::string_view> split_profiles(std::string_view bytes);

}  // namespace gopsy::decode
