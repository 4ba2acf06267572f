#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/profile_builder.h"

/// Profiles of a program that is ill in one way, for rules to find.
namespace gopsy::test {

using Names = std::vector<std::string>;  // of a stack, leaf first

constexpr std::int64_t kPeriod = 10'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;

// CPU profiles: so many samples of each stack.
struct Hits {
  Names stack;
  std::int64_t count = 0;
};

inline ProfileBytes cpu(const std::vector<Hits>& stacks, std::int64_t period = kPeriod, std::int64_t duration = 0) {
  ProfileBytes p;
  p.type("samples", "count").type("cpu", "nanoseconds").period("cpu", "nanoseconds", period);
  if (duration != 0) p.number(10, static_cast<std::uint64_t>(duration));
  for (const Hits& hits : stacks) p.sample(hits.stack, {hits.count, hits.count * period});
  return p;
}

// Ten equal parts of what is left, all below `stack`: too little of it in any for a path to go on.
inline std::vector<Hits> in_parts(std::vector<Hits> stacks, const Names& stack, std::int64_t count) {
  for (std::int64_t i = 0; i < 10; ++i) {
    Names with_leaf{"main.part" + std::to_string(i)};
    with_leaf.insert(with_leaf.end(), stack.begin(), stack.end());
    stacks.push_back({.stack = with_leaf, .count = count / 10 + (i < count % 10 ? 1 : 0)});
  }
  return stacks;
}

// `count` of a thousand samples in that stack, and the others in no path at all.
inline ProfileBytes of_a_thousand(const Names& stack, std::int64_t count) {
  return cpu(in_parts({{.stack = stack, .count = count}}, {}, 1000 - count));
}

// The live heap at a time: so many objects of that size, one in `rate` bytes sampled.
struct Heap {
  std::int64_t second = 0;
  std::int64_t objects = 0;
  std::int64_t size = 0;
  std::int64_t rate = 1;
};

inline ProfileBytes heap(const Heap& h) {
  ProfileBytes p;
  p.type("inuse_objects", "count").type("inuse_space", "bytes").period("space", "bytes", h.rate);
  p.number(9, static_cast<std::uint64_t>(h.second * kSecond));
  p.sample({"runtime.mallocgc", "main.(*Store).Put", "main.main"}, {h.objects, h.objects * h.size});
  return p;
}

// Mutex and block profiles: so long a wait for the lock of each owner.
struct Wait {
  std::string owner;
  std::int64_t ns = 0;
};

inline ProfileBytes waits(const Names& lock, const std::vector<Wait>& owners, std::int64_t duration) {
  ProfileBytes p;
  p.type("contentions", "count").type("delay", "nanoseconds").period("contentions", "count", 1);
  if (duration != 0) p.number(10, static_cast<std::uint64_t>(duration));
  for (const Wait& wait : owners) {
    Names stack = lock;
    stack.push_back(wait.owner + ".Put");
    p.sample(stack, {1, wait.ns});
  }
  return p;
}

inline ProfileBytes held(const std::vector<Wait>& owners, std::int64_t duration = 0) {
  return waits({"sync.(*Mutex).Unlock"}, owners, duration);
}
inline ProfileBytes waited(const std::vector<Wait>& owners, std::int64_t duration = 0) {
  return waits({"sync.(*Mutex).Lock"}, owners, duration);
}
inline ProfileBytes waited_to_read(std::int64_t ns) {
  return waits({"sync.(*RWMutex).RLock"}, {{"main.(*Cache)", ns}}, 0);
}

// Stacks of so many different functions; a recursion would do as well.
inline Names deep(std::size_t depth, const std::string& root = "main.outermost") {
  Names names;
  for (std::size_t i = 1; i < depth; ++i) names.push_back("main.frame" + std::to_string(i));
  names.push_back(root);
  return names;
}

}  // namespace gopsy::test
