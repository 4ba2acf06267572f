#include "process/proc.h"

#include <gmock/gmock.h>

#include "process/permission.h"

namespace gopsy::process {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Proc, ReadsMapsWithNamesAndPathsOfAllKinds) {
  const auto rows = parse_maps(
      "00400000-00401000 r-xp 00001000 fd:00 12 /srv/my server (deleted)\n"
      "00500000-00501000 rw-s 00000000 00:05 3 /dev/shm/a\\012b\n"
      "c000000000-c000400000 rw-p 00000000 00:00 0  [anon: Go: heap]\n"
      "7ff000-800000 ---p 00000000 00:00 0\n"
      "nonsense\n"
      "900000-800000 rw-p 00000000 00:00 0\n"
      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]");
  ASSERT_EQ(rows.size(), 5);
  EXPECT_EQ(rows[0].mapping.start, 0x400000);
  EXPECT_EQ(rows[0].mapping.end, 0x401000);
  EXPECT_EQ(rows[0].mapping.file_offset, 0x1000);
  EXPECT_EQ(rows[0].mapping.file, "/srv/my server (deleted)");
  EXPECT_TRUE(rows[0].mapping.readable && rows[0].mapping.executable && !rows[0].mapping.writable);
  EXPECT_TRUE(rows[1].shared);
  EXPECT_EQ(rows[1].mapping.file, "/dev/shm/a\nb");
  EXPECT_EQ(rows[2].name, "[anon: Go: heap]");
  EXPECT_THAT(rows[2].mapping.file, IsEmpty());
  EXPECT_THAT(rows[3].name, IsEmpty());
  EXPECT_EQ(rows[4].mapping.end, 0xffffffffff601000);
}

TEST(Proc, KnowsTheNumberThatAProcessHasInItsContainer) {
  const auto status = parse_status(
      "Name:\tmy server\nState:\tS (sleeping)\nTgid:\t19609\nUid:\t1000\t1001\t1000\t1000\nNSpid:\t19609\t12\t1\n"
      "CapEff:\t0000000000080000\n");
  EXPECT_EQ(status.name, "my server");
  EXPECT_EQ(status.state, 'S');
  EXPECT_EQ(status.tgid, 19609);
  EXPECT_EQ(status.inner_pid, 1);
  EXPECT_EQ(status.namespaces, 3);
  EXPECT_EQ(status.uid, 1000);
  EXPECT_EQ(status.euid, 1001);
  EXPECT_EQ(status.capabilities, 0x80000);
}

TEST(Proc, KnowsWhereASleepingThreadEnteredTheKernel) {
  const auto sleeping = parse_syscall("202 0x1 0x80 0x0 0x0 0x0 0x0 0x7fffd42ad0c0 0x4823a3\n");
  ASSERT_TRUE(sleeping);
  EXPECT_EQ(sleeping->sp, 0x7fffd42ad0c0);
  EXPECT_EQ(sleeping->pc, 0x4823a3);
  EXPECT_FALSE(parse_syscall("running\n"));
  EXPECT_TRUE(parse_syscall("-1 0x7ffd0 0x40866e\n"));
  EXPECT_FALSE(parse_syscall(""));
}

TEST(Proc, FindsFieldsOfStatBehindANameWithParentheses) {
  EXPECT_EQ(stat_field("12 (a) b (c)) S 1 12 12 0 -1 4194560 5", 4), 1);
  EXPECT_EQ(stat_field("12 (a) b (c)) S 1 12 12 0 -1 4194560 5", 9), 4194560);
  EXPECT_EQ(stat_field("12 (a", 4), std::nullopt);
}

Access somebody() { return {.pid = 12, .name = "server", .exists = true, .uid = 1000, .own_uid = 1000}; }

TEST(Permission, EachReasonNamesItsRemedy) {
  Access other_user = somebody();
  other_user.own_uid = 1001;
  EXPECT_EQ(refusal_text(other_user, EPERM),
            "process 12 (server) runs as user 1000, gopsy as user 1001: run gopsy as that user or with sudo");

  Access hides = somebody();
  hides.dumpable = false;
  EXPECT_THAT(refusal_text(hides, EACCES), AllOf(HasSubstr("hides its memory"), HasSubstr("sudo")));

  Access yama = somebody();
  for (const auto& [scope, remedy] : {std::pair{1, "sysctl kernel.yama.ptrace_scope=0"}, {2, "sudo"}, {3, "reboot"}}) {
    yama.yama_scope = scope;
    EXPECT_THAT(refusal_text(yama, EPERM), AllOf(HasSubstr("kernel.yama.ptrace_scope is"), HasSubstr(remedy)));
  }

  Access root_in_container = somebody();
  root_in_container.uid = root_in_container.own_uid = 0;
  EXPECT_THAT(refusal_text(root_in_container, EPERM), HasSubstr("--cap-add=SYS_PTRACE"));

  Access user_in_container = somebody();
  user_in_container.in_container = true;
  user_in_container.yama_scope = 0;
  EXPECT_THAT(refusal_text(user_in_container, EPERM), HasSubstr("--cap-add=SYS_PTRACE"));

  Access capable = root_in_container;
  capable.own_ptrace_capability = true;
  EXPECT_THAT(refusal_text(capable, EPERM), HasSubstr("AppArmor"));
  capable.yama_scope = 1;
  EXPECT_THAT(refusal_text(capable, EPERM), HasSubstr("AppArmor")) << "scope 1 does not bind who has the capability";
  capable.yama_scope = 3;
  EXPECT_THAT(refusal_text(capable, EPERM), HasSubstr("reboot"));
}

TEST(Permission, KnowsWhatHasNoMemory) {
  EXPECT_EQ(refusal_text({.pid = 12}, 0),
            "there is no process 12: it has ended, or runs under another number in a container");
  Access zombie = somebody();
  zombie.zombie = true;
  EXPECT_THAT(refusal_text(zombie, 0), HasSubstr("(a zombie)"));
  Access kernel = somebody();
  kernel.kernel_thread = true;
  EXPECT_THAT(refusal_text(kernel, 0), HasSubstr("a thread of the kernel"));
  EXPECT_THAT(refusal_text(somebody(), 0), IsEmpty());
  EXPECT_THAT(refusal_text(somebody(), ESRCH), HasSubstr("has ended meanwhile"));
}

}  // namespace
}  // namespace gopsy::process
