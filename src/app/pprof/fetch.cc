#include "app/pprof/fetch.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>

#include "base/format.h"
#include "base/units.h"

namespace gopsy::pprof {
namespace {

constexpr std::size_t kAtATime = 128;
constexpr std::uint64_t kTellEvery = std::uint64_t{64} << 20;

struct Work {
  std::size_t place;
  app::Remote remote;
};

// Says every 64 MiB that more has come.
std::function<void(std::uint64_t)> teller(const std::string& url, const Notice& notice, std::mutex& telling) {
  return [&, told = std::uint64_t{0}](std::uint64_t received) mutable {
    if (received - told < kTellEvery) return;
    told = received;
    const std::scoped_lock lock(telling);
    notice(fmt::format("{}: {} so far", url, human_bytes(received)));
  };
}

}  // namespace

app::FetchOptions fetch_options(const Source& source) {
  app::FetchOptions options;
  options.tls = {.cert = source.tls_cert, .key = source.tls_key, .ca = source.tls_ca};
  return options;
}

std::string go_duration(std::int64_t seconds) {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 3600;
  if (seconds >= kHour) return fmt::format("{}h{}m{}s", seconds / kHour, seconds % kHour / kMinute, seconds % kMinute);
  if (seconds >= kMinute) return fmt::format("{}m{}s", seconds / kMinute, seconds % kMinute);
  return fmt::format("{}s", seconds);
}

std::vector<std::optional<Fetched>> fetch_remote(const std::vector<std::string>& names, const Source& source,
                                                 const Notice& notice) {
  std::vector<std::optional<Fetched>> out(names.size());
  std::vector<Work> all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::error_code code;
    if (names[i] == "-" || std::filesystem::exists(names[i], code)) continue;
    if (auto remote = app::remote_of(names[i], source.seconds, source.timeout)) all.push_back({i, *std::move(remote)});
  }
  std::mutex telling;
  for (std::size_t first = 0; first < all.size(); first += kAtATime) {
    const std::span<Work> some = std::span(all).subspan(first, std::min(kAtATime, all.size() - first));
    for (const auto& work : some) {
      notice("Fetching profile over HTTP from " + work.remote.url);
      if (source.seconds > 0) notice(fmt::format("Please wait... ({})", go_duration(source.seconds)));
    }
    // One that waits for another would profile another span of time: a thread for each.
    std::vector<std::jthread> threads;
    for (const auto& work : some) {
      const auto fetch = [&] {
        app::FetchOptions options = fetch_options(source);
        options.progress = teller(work.remote.url, notice, telling);
        out[work.place] = Fetched{.url = work.remote.url, .bytes = app::fetch(work.remote, options)};
      };
      try {
        threads.emplace_back(fetch);
      } catch (const std::system_error&) {  // no more threads here: one after the other then
        fetch();
      }
    }
  }
  return out;
}

}  // namespace gopsy::pprof
