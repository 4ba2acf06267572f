#include "app/pprof/module_paths.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace gopsy::pprof {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Not;

// A folder of its own, and an environment that knows no other.
class ModulePaths : public testing::Test {
 protected:
  ModulePaths() : folder_(fs::temp_directory_path() / ("gopsy-module-paths-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_ / "checkout/internal/store");
    std::ofstream(folder_ / "checkout/go.mod") << "// a comment\nmodule example.com/shop // ours\n\ngo 1.26\n";
    ::setenv("GOMODCACHE", (folder_ / "mod").c_str(), 1);
    ::setenv("GOROOT", (folder_ / "go").c_str(), 1);
  }
  ~ModulePaths() override {
    ::unsetenv("GOMODCACHE");
    ::unsetenv("GOROOT");
    std::error_code code;
    fs::remove_all(folder_, code);
  }

  [[nodiscard]] std::string under(const std::string& path) const { return (folder_ / path).string(); }
  fs::path folder_;
};

TEST_F(ModulePaths, WriteUpperCaseAsTheModuleCacheDoes) {
  EXPECT_EQ(escaped_module_path("github.com/Azure/azure-SDK@v1.2.0/x.go"),
            "github.com/!azure/azure-!s!d!k@v1.2.0/x.go");
}

TEST_F(ModulePaths, FindAModuleOfTrimpathInTheCache) {
  EXPECT_THAT(module_paths("github.com/Azure/sdk@v1.2.0/x.go", under("checkout")),
              Contains(under("mod/github.com/!azure/sdk@v1.2.0/x.go")));
}

TEST_F(ModulePaths, FindAModuleOfAnotherMachinesCache) {
  EXPECT_THAT(module_paths("/home/ci/go/pkg/mod/github.com/!azure/sdk@v1.2.0/x.go", under("checkout")),
              Contains(under("mod/github.com/!azure/sdk@v1.2.0/x.go")));
}

TEST_F(ModulePaths, FindVendoredPackagesWithoutTheirVersionInFoldersAbove) {
  EXPECT_THAT(module_paths("github.com/a/b@v1.2.0/c/x.go", under("checkout/internal")),
              Contains(under("checkout/vendor/github.com/a/b/c/x.go")));
}

TEST_F(ModulePaths, FindFilesOfTheModuleItselfByItsGoMod) {
  EXPECT_THAT(module_paths("example.com/shop/internal/store/t.go", under("checkout/internal")),
              Contains(under("checkout/internal/store/t.go")));
  EXPECT_THAT(module_paths("example.com/shopping/t.go", under("checkout")), Not(Contains(under("checkout/ping/t.go"))));
}

TEST_F(ModulePaths, FindTheStandardLibraryWithAndWithoutTrimpath) {
  EXPECT_THAT(module_paths("net/http/server.go", under("checkout")), Contains(under("go/src/net/http/server.go")));
  EXPECT_THAT(module_paths("/opt/go1.20/src/net/http/server.go", under("checkout")),
              Contains(under("go/src/net/http/server.go")));
}

TEST_F(ModulePaths, AreNoneForNamesThatNoFileHas) {
  EXPECT_TRUE(module_paths("", under("checkout")).empty());
  EXPECT_TRUE(module_paths(std::string_view("a\0b", 3), under("checkout")).empty());
}

}  // namespace
}  // namespace gopsy::pprof
