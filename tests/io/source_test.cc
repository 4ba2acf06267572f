#include "io/source.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "io/file.h"
#include "support/archives.h"

namespace gopsy::io {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Open : public testing::Test {
 protected:
  Open() : root_(testing::TempDir() + "gopsy_source_" + std::to_string(::getpid())) {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~Open() override { fs::remove_all(root_); }

  std::string put(const std::string& name, std::string_view content) {
    const fs::path path = fs::path(root_) / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }

  // "path=content" of every piece, paths relative to the root; refusals are kept as "path: message".
  std::vector<std::string> open(const std::string& what, const Limits& limits = {}) {
    std::vector<std::string> pieces;
    const auto refused = io::open(what, limits, [&](const Piece& piece) {
      pieces.push_back(relative(piece.path) + "=" + std::string(piece.bytes) + (piece.truncated ? " (truncated)" : ""));
    });
    refused_.clear();
    for (const Refused& r : refused) refused_.push_back(relative(r.path) + ": " + message(r.error));
    return pieces;
  }

  std::string relative(const std::string& path) const {
    return path.starts_with(root_ + "/") ? path.substr(root_.size() + 1) : path;
  }

  std::string root_;
  std::vector<std::string> refused_;
};

TEST_F(Open, AFileIsOnePiece) {
  EXPECT_THAT(open(put("a.txt", "hello")), ElementsAre("a.txt=hello"));
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_F(Open, AnEmptyFileIsAPieceWithoutBytes) { EXPECT_THAT(open(put("empty", "")), ElementsAre("empty=")); }

TEST_F(Open, UndoesGzipAndZstdWhereverTheyAre) {
  EXPECT_THAT(open(put("a", test::gzip("one"))), ElementsAre("a=one"));
  EXPECT_THAT(open(put("b", test::zstd("two"))), ElementsAre("b=two"));
  EXPECT_THAT(open(put("c", test::gzip(test::zstd("three")))), ElementsAre("c=three"));
}

TEST_F(Open, NamesMembersBehindTheirArchive) {
  const std::string inner = test::zip({{"z.txt", "deep"}});
  const std::string bundle = test::gzip(test::tar({{"b/cpu.pb.gz", test::gzip("profile")}, {"in.zip", inner}}));
  EXPECT_THAT(open(put("a.tar.gz", bundle)), ElementsAre("a.tar.gz:b/cpu.pb.gz=profile", "a.tar.gz:in.zip:z.txt=deep"));
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_F(Open, ADirectoryIsWalkedInTheOrderOfNamesWithoutHiddenEntries) {
  put("z.txt", "3");
  put("b/2.txt", "2");
  put("b/10.txt", "1");
  put("a.txt", "0");
  put(".git/config", "no");
  put("b/.hidden", "no");
  put("CVS/Root", "no");
  EXPECT_THAT(open(root_), ElementsAre("a.txt=0", "b/10.txt=1", "b/2.txt=2", "z.txt=3"));
}

TEST_F(Open, LinkedFilesAreReadAndLinkedDirectoriesAreNot) {
  put("real/a.txt", "a");
  fs::create_symlink("real/a.txt", root_ + "/link.txt");
  fs::create_directory_symlink("..", root_ + "/real/up");
  fs::create_symlink("nowhere", root_ + "/broken");
  EXPECT_THAT(open(root_), ElementsAre("link.txt=a", "real/a.txt=a"));
  EXPECT_THAT(refused_, ElementsAre("broken: errno 2: a link to nothing"));
}

TEST_F(Open, APipeInADirectoryIsRefusedInsteadOfWaitedFor) {
  ASSERT_EQ(::mkfifo((root_ + "/fifo").c_str(), 0600), 0);
  put("a.txt", "a");
  EXPECT_THAT(open(root_), ElementsAre("a.txt=a"));
  EXPECT_THAT(refused_, ElementsAre("fifo: a pipe, socket or device inside a directory"));
}

TEST_F(Open, APipeThatIsNamedIsReadToItsEnd) {
  const std::string path = root_ + "/fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const std::string content = test::gzip(std::string(300'000, 'p'));
  std::jthread writer([&] { std::ofstream(path, std::ios::binary) << content; });
  EXPECT_THAT(open(path), ElementsAre("fifo=" + std::string(300'000, 'p')));
}

TEST_F(Open, WhatCannotBeReadIsRefusedWithItsErrno) {
  EXPECT_THAT(open(root_ + "/missing"), IsEmpty());
  EXPECT_THAT(refused_, ElementsAre("missing: errno 2: it cannot be opened"));
  EXPECT_THAT(open("/dev/zero"), IsEmpty());
  EXPECT_THAT(refused_, ElementsAre("/dev/zero: a device has no end; copy a part of it to a file"));
  EXPECT_THAT(open("/dev/null"), ElementsAre("/dev/null="));
  EXPECT_EQ(read_whole(root_, 100).error().a, 21);  // EISDIR
}

TEST_F(Open, FilesOfProcHaveContentDespiteTheirSize) {
  EXPECT_THAT(open("/proc/self/status"), ElementsAre(testing::HasSubstr("Pid:")));
}

TEST_F(Open, ALargeFileIsTheSameMapped) {
  const std::string content(20 << 20, 'm');
  const auto bytes = read_whole(put("large", content), 1);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->view(), content);
}

TEST_F(Open, OneBadMemberDoesNotKeepTheOthersBack) {
  std::string torn = test::gzip("whatever this was");
  torn.resize(12);
  EXPECT_THAT(open(put("a.tar", test::tar({{"1", "one"}, {"2.gz", torn}, {"3", "three"}}))),
              ElementsAre("a.tar:1=one", "a.tar:3=three"));
  EXPECT_THAT(refused_, ElementsAre("a.tar:2.gz: the compressed stream ends before its first byte"));
}

TEST_F(Open, ATornBundleYieldsItsWholeMembers) {
  std::string bundle = test::tar({{"1", "one"}, {"2", std::string(100, '2')}});
  bundle.resize(512 * 3 + 10);
  EXPECT_THAT(open(put("a.tar", bundle)), ElementsAre("a.tar:1=one", "a.tar:2=2222222222 (truncated)"));
  EXPECT_THAT(refused_, ElementsAre("a.tar: a member of 100 bytes has 10 left in the archive"));
}

TEST_F(Open, WrappersAreUndoneUpToTheLimitOfDepth) {
  std::string wrapped = "core";
  for (int i = 0; i < 4; ++i) wrapped = test::gzip(wrapped);
  EXPECT_THAT(open(put("four", wrapped)), ElementsAre("four=core"));
  EXPECT_THAT(open(put("five", test::gzip(wrapped))), IsEmpty());
  EXPECT_THAT(refused_, ElementsAre("five: it is wrapped more than 4 times; max_depth raises the limit"));
}

TEST_F(Open, ManySmallBombsShareOneLimit) {
  const std::string bomb = test::gzip(std::string(600'000, 'A'));
  const std::string bundle = test::tar({{"1", bomb}, {"2", bomb}, {"3", "fine"}});
  EXPECT_THAT(open(put("a.tar", bundle), {.max_inflated_bytes = 1'000'000}), SizeIs(2));
  EXPECT_THAT(refused_, SizeIs(1));
}

}  // namespace
}  // namespace gopsy::io
