// Writes a big, deterministic goroutine dump as debug=2 prints it: a server under load, 60 kinds of stacks.
//   generate_dump GOROUTINES SHAPES SEED FILE      100000 60 3: 142 MB
//
// What varies from goroutine to goroutine is what varies in a real one: ids, ages, creators, labels, and the words of
// arguments, of which most are addresses and some are marked "?" because their slot may hold junk.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using std::string_view_literals::operator""sv;

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2862933555777941757U + 3037000493U) {}

  std::uint64_t next() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return state_;
  }
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }

 private:
  std::uint64_t state_;
};

// One argument of a frame: an address, a small number, a string, a slice, an interface; perhaps stale.
enum class Argument : std::uint8_t { Pointer, Stale, Small, Text, Slice, Interface };

struct Place {
  std::string function;
  std::vector<Argument> arguments;
  bool inlined = false;
  std::string file_line;  // "\t/src/…:12 +0x1d"
};

// A state and what the standard library shows of the wait, leaf first.
struct Wait {
  std::string_view state;
  std::array<std::string_view, 3> functions;
};

struct Shape {
  std::string_view state;
  bool aged = false;
  std::vector<Place> frames;
  std::string creator;
  std::string creator_line;
};

constexpr std::array kWaits{
    Wait{"chan receive", {}},
    Wait{"select", {}},
    Wait{"chan send", {}},
    Wait{"runnable", {}},
    Wait{"IO wait", {"internal/poll.runtime_pollWait", "internal/poll.(*pollDesc).wait", "internal/poll.(*FD).Read"}},
    Wait{"sync.Mutex.Lock",
         {"internal/sync.runtime_SemacquireMutex", "internal/sync.(*Mutex).lockSlow", "sync.(*Mutex).Lock"}},
    Wait{"sync.WaitGroup.Wait", {"sync.runtime_SemacquireWaitGroup", "sync.(*WaitGroup).Wait", ""}},
    Wait{"sync.Cond.Wait", {"sync.runtime_notifyListWait", "sync.(*Cond).Wait", ""}},
    Wait{"sleep", {"time.Sleep", "", ""}},
    Wait{"syscall", {"syscall.Syscall6", "", ""}},
};
constexpr std::array kPackages{"net/http"sv,
                               "internal/poll"sv,
                               "google.golang.org/grpc/internal/transport"sv,
                               "github.com/acme/orders/internal/store"sv,
                               "github.com/acme/orders/internal/api/v2"sv,
                               "github.com/redis/go-redis/v9/internal/pool"sv,
                               "database/sql"sv,
                               "github.com/acme/orders/pkg/queue"sv,
                               "main"sv};
constexpr std::array kReceivers{"(*Conn)."sv, "(*Pool)."sv,   "(*Server)."sv, "(*loop[...])."sv,
                                ""sv,         "(*worker)."sv, "Handler."sv};
constexpr std::array kMethods{"serve"sv,    "waitConn"sv,       "run.func1"sv, "ReadContext"sv, "process"sv,
                              "dispatch"sv, "Handle.func2.1"sv, "next"sv,      "roundTrip"sv,   "acquire"sv};

std::string_view directory_of(std::string_view package) {
  return package == "main" ? "/home/build/orders/cmd/orders" : package;
}

// "\t/usr/local/go/src/net/http/serv.go:92 +0x1d"
std::string file_line(std::string_view package, Random& random, bool offset) {
  const bool standard = !package.contains('.') && package != "main";
  std::string out = standard ? "\t/usr/local/go/src/" : package == "main" ? "\t" : "\t/go/pkg/mod/";
  (out += directory_of(package)) += '/';
  const std::string_view method = kMethods[random.below(kMethods.size())];
  (out += method.substr(0, std::min(method.find('.'), std::size_t{4}))) += ".go:";
  out += std::to_string(20 + random.below(900));
  char hex[20];
  std::snprintf(hex, sizeof hex, " +0x%llx", static_cast<unsigned long long>(16 + random.below(1500)));
  return offset ? out + hex : out;
}

Place make_place(Random& random) {
  Place place;
  const std::string_view package = kPackages[random.below(kPackages.size())];
  ((place.function = package) += '.') += kReceivers[random.below(kReceivers.size())];
  place.function += kMethods[random.below(kMethods.size())];
  place.inlined = random.below(9) == 0;
  for (std::uint64_t i = random.below(4); !place.inlined && i < 4; ++i)
    place.arguments.push_back(static_cast<Argument>(random.below(6)));
  place.file_line = file_line(package, random, !place.inlined);
  return place;
}

Shape make_shape(Random& random) {
  Shape shape;
  const Wait& wait = kWaits[random.below(kWaits.size())];
  shape.state = wait.state;
  shape.aged = shape.state != "runnable" && random.below(2) == 0;
  for (const std::string_view function : wait.functions) {
    if (function.empty()) continue;
    const std::string_view package = function.substr(0, function.find('.', function.rfind('/') + 1));
    shape.frames.push_back({.function = std::string(function),
                            .arguments = {Argument::Pointer, Argument::Small},
                            .file_line = file_line(package, random, true)});
  }
  for (std::uint64_t left = 3 + random.below(12); left > 0; --left) shape.frames.push_back(make_place(random));
  const std::string_view package = kPackages[random.below(kPackages.size())];
  ((shape.creator = package) += '.') += kReceivers[random.below(kReceivers.size())];
  shape.creator += kMethods[random.below(kMethods.size())];
  shape.creator_line = file_line(package, random, true);
  return shape;
}

void hex(std::string& out, std::uint64_t value) {
  std::array<char, 18> digits{'0', 'x'};
  out.append(digits.data(), std::to_chars(digits.data() + 2, digits.end(), value, 16).ptr);
}

void pointer(std::string& out, Random& random) { hex(out, 0xc000000000U + (random.below(1U << 28U) << 4U)); }

void argument(std::string& out, Argument kind, Random& random) {
  switch (kind) {
    case Argument::Pointer: return pointer(out, random);
    case Argument::Stale: hex(out, random.below(1U << 20U)); break;
    case Argument::Small: return hex(out, random.below(64));
    case Argument::Text:
      out += '{';
      pointer(out, random);
      out += ", ";
      hex(out, random.below(64));
      out += '}';
      return;
    case Argument::Slice:
      out += '{';
      pointer(out, random);
      out += ", 0x10?, 0x20?}";
      return;
    case Argument::Interface:
      out += "{0x9a3f20, ";
      pointer(out, random);
      out += '}';
      return;
  }
  out += '?';
}

void goroutine(std::string& out, const Shape& shape, std::uint64_t id, Random& random) {
  ((out += "goroutine ") += std::to_string(id)) += " [";
  out += shape.state;
  if (const auto minutes = random.below(90); shape.aged && minutes > 0)
    ((out += ", ") += std::to_string(minutes)) += " minutes";
  if (random.below(500) == 0) out += ", locked to thread";
  out += ']';
  if (random.below(8) == 0) ((out += " {tenant: t") += std::to_string(random.below(200))) += ", path: /v2/orders}";
  out += ":\n";
  for (const Place& place : shape.frames) {
    (out += place.function) += '(';
    if (place.inlined) out += "...";
    bool first = true;
    for (const Argument kind : place.arguments) {
      if (!first) out += ", ";
      first = false;
      argument(out, kind, random);
    }
    (out += ")\n") += place.file_line;
    out += '\n';
  }
  (((out += "created by ") += shape.creator) += " in goroutine ") += std::to_string(1 + random.below(id));
  ((out += '\n') += shape.creator_line) += "\n\n";
}

bool number(const char* text, std::uint64_t& value) {
  const char* const end = text + std::strlen(text);
  return std::from_chars(text, end, value).ptr == end;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t count = 0;
  std::uint64_t shape_count = 0;
  std::uint64_t seed = 0;
  if (argc != 5 || !number(argv[1], count) || !number(argv[2], shape_count) || !number(argv[3], seed) ||
      shape_count == 0) {
    std::fputs("usage: generate_dump GOROUTINES SHAPES SEED FILE\n", stderr);
    return 2;
  }
  Random random(seed + 1);
  std::vector<Shape> shapes;
  for (std::uint64_t i = 0; i < shape_count; ++i) shapes.push_back(make_shape(random));
  std::ofstream out(argv[4], std::ios::binary);
  out << "goroutine 1 [running]:\nmain.main()\n\t/home/build/orders/cmd/orders/main.go:41 +0x1d\n\n";
  std::string text;
  std::uint64_t id = 1;
  for (std::uint64_t i = 1; i < count; ++i) {
    id += 1 + random.below(40);
    // A few shapes make most of the crowd, as in life.
    const std::uint64_t most = 1 + random.below(shape_count);
    goroutine(text, shapes[random.below(most)], id, random);
    if (text.size() > (1U << 20U)) {
      out << text;
      text.clear();
    }
  }
  out << text;
  if (out.flush()) return 0;
  std::fprintf(stderr, "%s cannot be written\n", argv[4]);
  return 2;
}
