#include "render/svg/palette.h"

namespace gopsy::render {
namespace {

constexpr std::array<Hue, kTerritories> kHues{{
    {'p', 5, "program"},
    {'m', 4, "modules"},
    {'s', 4, "standard library"},
    {'r', 3, "runtime"},
    {'n', 2, "native"},
    {'k', 1, "not code"},
}};

std::uint32_t fnv1a(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash ^ hash >> 15;
}

// "libc.so.6+0x29d90" and "0x7f12" are what unsymbolized frames are called; C and C++ have no package.
bool is_native(std::string_view function) {
  return model::package_of(function).empty() || function.contains("+0x") || function.contains("::");
}

bool is_public_module(std::string_view package) {
  return package.starts_with("golang.org/") || package.starts_with("google.golang.org/") ||
         package.starts_with("gopkg.in/");
}

}  // namespace

const Hue& hue_of(Territory territory) { return kHues[static_cast<std::size_t>(territory)]; }

Territory territory_of(const model::Frame& frame, const model::Symbols& symbols) {
  if (frame.kind == model::FrameKind::Marker) return Territory::Marker;
  const std::string_view function = symbols.text(frame.function);
  const std::string_view file = symbols.text(frame.file);
  if (model::is_runtime(function)) return Territory::Runtime;
  if (is_native(function)) return Territory::Native;
  if (model::is_standard_library(function)) return Territory::Standard;
  if (file.contains('@') || file.contains("/vendor/") || is_public_module(model::package_of(function)))
    return Territory::Module;
  return Territory::Program;
}

std::string css_class(const model::Frame& frame, const model::Symbols& symbols) {
  const Hue& hue = hue_of(territory_of(frame, symbols));
  const std::string_view function = symbols.text(frame.function);
  const std::string_view package = model::package_of(function);
  const std::uint32_t hash = fnv1a(package.empty() ? function : package);
  return {hue.prefix, static_cast<char>('0' + hash % hue.shades)};
}

std::string_view stylesheet() {
  // Plain values, no custom properties: viewers that are no browsers know none.
  return R"(text{font:11.5px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#14161a}
.t{font:600 17px system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.u{font:12.5px system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:#50565f}
.b{fill:#fff}#l text{pointer-events:none}rect{shape-rendering:geometricPrecision}
.p0{fill:#fdb462}.p1{fill:#fcc36f}.p2{fill:#f9a66c}.p3{fill:#fbd07a}.p4{fill:#f7b48b}
.m0{fill:#cdb8f2}.m1{fill:#d9b5ea}.m2{fill:#bdbcf5}.m3{fill:#e4b9e0}
.s0{fill:#9bd5a8}.s1{fill:#8fd3b9}.s2{fill:#aed99b}.s3{fill:#8fcfc6}
.r0{fill:#aec5de}.r1{fill:#a0c4e2}.r2{fill:#bccade}.n0{fill:#cfc7b0}.n1{fill:#c3c5ac}
.e0{fill:#e3e5e9}.e1{fill:#fbd9d3}.e2{fill:#f4a898}.e3{fill:#e5705c}.e4{fill:#d5e4f7}.e5{fill:#9cc3ee}.e6{fill:#5b98db}
.g{fill:#c9ccd1}.a{fill:#e3e5e9}.k0{fill:url(#k)}.k1{stroke:#8d949e}.k2{fill:#e3e5e9}
.i,.j{fill-opacity:.5}.i{stroke:#5d646e;stroke-opacity:.55;stroke-dasharray:3 2}
.h{stroke:#c4124f;stroke-width:1.75;stroke-opacity:1;stroke-dasharray:none}.hf{fill:none}
@media(prefers-color-scheme:dark){text{fill:#f1f2f4}.u{fill:#a9b0ba}.b{fill:#16181c}
.p0{fill:#8a4f0b}.p1{fill:#85590e}.p2{fill:#914414}.p3{fill:#7d6112}.p4{fill:#8d4a2d}
.m0{fill:#553b85}.m1{fill:#66387a}.m2{fill:#42428c}.m3{fill:#6f376b}
.s0{fill:#24623a}.s1{fill:#1d6350}.s2{fill:#3f6327}.s3{fill:#1c605b}
.r0{fill:#38526e}.r1{fill:#2d5475}.r2{fill:#47546c}.n0{fill:#5c543c}.n1{fill:#53573c}
.e0{fill:#2a2e35}.e1{fill:#4a2a26}.e2{fill:#7a352a}.e3{fill:#a8402e}.e4{fill:#26364a}.e5{fill:#2c4f7a}.e6{fill:#2f6aa8}
.g{fill:#4b5058}.a{fill:#2a2e35}.k1{stroke:#6b727c}.k2{fill:#2f343b}.i{stroke:#b6bcc6}.h{stroke:#ff5c93}}
svg{overscroll-behavior:none}#f{cursor:pointer}#f:focus{outline:none}
.q{fill:#f06bd6}.f{opacity:.55}.c{fill:none;stroke:#0b57d0;stroke-width:2.5}
.x{font:12.5px system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;color:#14161a;display:flex;gap:5px;align-items:center;justify-content:flex-end;height:100%;box-sizing:border-box;white-space:nowrap}
.x input,.x button{font:inherit;color:inherit;background:#fff;border:1px solid #b4bac4;border-radius:6px;padding:3px 8px;height:26px;box-sizing:border-box;margin:0}
.x input{width:210px;min-width:0}.x button{cursor:pointer}.x button[aria-pressed=true]{background:#dbe7ff;border-color:#0b57d0}
.x :focus-visible{outline:2px solid #0b57d0;outline-offset:1px}.x .w{border-color:#c4124f}
.n{justify-content:flex-start;overflow:hidden}.n button{border:0;background:none;padding:0 2px;color:#0b57d0;height:18px}
.d{justify-content:flex-start;background:#f2f4f7;border-top:1px solid #d5d9e0;padding:0 10px;gap:14px}
.d b{overflow:hidden;text-overflow:ellipsis;flex:0 1 auto}.d span{color:#50565f}
@media(prefers-color-scheme:dark){.q{fill:#a81f8d}.c{stroke:#8ab4ff}.x{color:#f1f2f4}
.x input,.x button{background:#23262c;border-color:#4b515b}.x button[aria-pressed=true]{background:#1d3a6b;border-color:#8ab4ff}
.x :focus-visible{outline-color:#8ab4ff}.n button{background:none;color:#8ab4ff}.d{background:#202329;border-color:#353a42}.d span{color:#a9b0ba}}
)";
}

}  // namespace gopsy::render
