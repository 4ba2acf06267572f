#include "base/json_writer.h"

#include <algorithm>

#include "base/format.h"
#include "base/units.h"
#include "render/goroutines/sections.h"
#include "render/goroutines/words.h"

namespace gopsy::render {
namespace {

using analyze::GroupBy;
using model::Goroutine;

class Writer {
 public:
  Writer(const GoroutineReport& report, std::string& out)
      : report_(report), snapshot_(report.snapshot()), traceback_(*snapshot_.traceback), json_(out) {}

  void write() {
    json_.begin_object();
    json_.member("schema", "gopsy.goroutines/1");
    dumps();
    json_.member("shown", std::uint64_t{report_.shown + 1});
    if (!report_.filter.empty()) json_.member("filter", report_.filter);
    std::uint64_t fit = 0;
    for (const auto row : report_.rows) fit += snapshot_.count(row);
    json_.member("goroutines_shown", fit);
    switch (report_.view) {
      case GoroutineReport::View::List: list(); break;
      case GoroutineReport::View::Groups: groups(); break;
      case GoroutineReport::View::Tree: tree(); break;
    }
    waits();
    asleep();
    depth();
    growth();
    strings("notes", report_.notes);
    json_.end_object();
  }

 private:
  [[nodiscard]] std::string_view text(StringId id) const { return report_.symbols.text(id); }

  void strings(std::string_view key, const std::vector<std::string>& all) {
    json_.key(key);
    json_.begin_array();
    for (const auto& one : all) json_.value(one);
    json_.end_array();
  }

  void place(std::string_view key, StringId function, StringId file, std::uint32_t line) {
    json_.key(key);
    json_.begin_object();
    json_.member("function", text(function));
    if (!file.none()) json_.member("file", text(file));
    if (line != 0) json_.member("line", line);
  }

  void frame(std::string_view key, const model::TracebackFrame* frame) {
    if (frame == nullptr) return;
    place(key, frame->function, frame->file, frame->line);
    json_.end_object();
  }

  void creator(const Goroutine& goroutine) {
    if (goroutine.created_by.none()) return;
    place("created_by", goroutine.created_by, goroutine.created_file, goroutine.created_line);
    if (goroutine.creator != 0) json_.member("goroutine", goroutine.creator);
    json_.end_object();
  }

  void stack(const Goroutine& goroutine) {
    json_.key("stack");
    json_.begin_array();
    for (const auto& frame : traceback_.frames_of(goroutine)) {
      json_.begin_object();
      json_.member("function", text(frame.function));
      if (frame.line != 0) json_.member("file", text(frame.file)), json_.member("line", frame.line);
      if (frame.inlined) json_.member("inlined", true);
      if (frame.pc_offset != 0) json_.member("pc_offset", frame.pc_offset);
      if (!frame.args.none() && !frame.inlined) json_.member("arguments", text(frame.args));
      json_.end_object();
    }
    json_.end_array();
    if (goroutine.elided_frames == Goroutine::kElidedUnknown)
      json_.key("elided_frames"), json_.null();
    else if (goroutine.elided_frames != 0)
      json_.member("elided_frames", goroutine.elided_frames);
    if (goroutine.elided_frames != 0) json_.member("elided_after", goroutine.elided_after);
  }

  void labels(const Goroutine& goroutine) {
    const auto all = traceback_.labels_of(goroutine);
    if (all.empty()) return;
    json_.key("labels");
    json_.begin_object();
    for (std::size_t i = 0; i < all.size(); ++i) {
      // An object has each key once; the runtime prints each once.
      const bool seen = std::ranges::any_of(all.first(i), [&](const auto& l) { return l.key == all[i].key; });
      if (!seen) json_.member(text(all[i].key), text(all[i].value));
    }
    json_.end_object();
  }

  void dumps() {
    json_.key("dumps");
    json_.begin_array();
    for (const auto& snapshot : report_.snapshots) {
      json_.begin_object();
      json_.member("name", snapshot.name);
      json_.member("input", snapshot.evidence->path);
      json_.member("format", snapshot.evidence->format);
      if (!snapshot.is_profile()) json_.member("line", snapshot.traceback->first_line);
      if (snapshot.time_ns != 0) json_.member("time", utc_time(snapshot.time_ns));
      json_.member("goroutines", snapshot.total);
      json_.member("ended_the_process", snapshot.traceback->fatal_end());
      json_.member("cut", snapshot.traceback->cut || !snapshot.evidence->cut.empty());
      json_.end_object();
    }
    json_.end_array();
  }

  void goroutine_members(std::uint32_t row) {
    const Goroutine& goroutine = traceback_.goroutines[row];
    if (goroutine.id != 0) json_.member("id", goroutine.id);
    if (snapshot_.is_profile()) json_.member("count", snapshot_.count(row));
    if (!goroutine.state.none()) json_.member("state", text(goroutine.state));
    if (const std::string on = waits_on(snapshot_, row, report_.symbols); !on.empty()) json_.member("waits_on", on);
    if (const auto& address = snapshot_.facts[row].wait.address)
      json_.member("address", fmt::format("{:#x}", *address));
    if (goroutine.minutes != 0) json_.member("minutes", goroutine.minutes);
    if (&goroutine == snapshot_.crashed) json_.member("crashed", true);
    if (goroutine.leaked) json_.member("leaked", true);
    if (goroutine.locked_to_thread) json_.member("locked_to_thread", true);
    if (goroutine.cut) json_.member("cut", true);
    json_.member("frames", analyze::depth_of(goroutine));
    frame("user", snapshot_.facts[row].user);
    creator(goroutine);
    labels(goroutine);
    if (goroutine.log_line != 0) json_.member("line", goroutine.log_line);
  }

  void list() {
    json_.key("goroutines");
    json_.begin_array();
    for (const auto row : report_.rows) {
      json_.begin_object();
      goroutine_members(row);
      if (report_.full) stack(traceback_.goroutines[row]);
      json_.end_object();
    }
    json_.end_array();
  }

  void group_key(const Goroutine& first) {
    if (report_.grouping.by == GroupBy::Label && !report_.grouping.label.none()) {
      json_.key("value");
      for (const auto& label : traceback_.labels_of(first))
        if (label.key == report_.grouping.label) return json_.value(text(label.value));
      return json_.null();
    }
    if (report_.grouping.by == GroupBy::Label || report_.grouping.by == GroupBy::Stack) labels(first);
  }

  void groups() {
    constexpr std::string_view kNames[] = {"stack", "state", "site", "creator", "label"};
    json_.member("group_by", kNames[static_cast<std::size_t>(report_.grouping.by)]);
    json_.key("groups");
    json_.begin_array();
    for (const auto& group : report_.groups.groups) {
      const Goroutine& first = traceback_.goroutines[group.rows.front()];
      json_.begin_object();
      json_.member("count", group.count);
      group_key(first);
      json_.key("states");
      json_.begin_object();
      for (const auto& state : group.states) json_.member(text(state.state), state.count);
      json_.end_object();
      if (group.most_minutes != 0)
        json_.member("least_minutes", group.least_minutes), json_.member("most_minutes", group.most_minutes);
      if (group.leaked != 0) json_.member("leaked", group.leaked);
      if (group.locked != 0) json_.member("locked_to_thread", group.locked);
      if (!snapshot_.is_profile()) {
        json_.key("ids");
        json_.begin_array();
        for (const auto row : group.rows) json_.value(traceback_.goroutines[row].id);
        json_.end_array();
      }
      if (group.one_stack || report_.grouping.by == GroupBy::Site)
        frame("user", snapshot_.facts[group.rows.front()].user);
      if (group.one_creator) creator(first);
      if (group.one_stack) stack(first);
      json_.end_object();
    }
    json_.end_array();
  }

  void tree() {
    json_.member("parents_by_function", report_.tree.by_function);
    json_.key("tree");
    json_.begin_array();
    for (const auto& node : report_.tree.nodes) {
      const Goroutine& first = traceback_.goroutines[node.first];
      json_.begin_object();
      json_.member("depth", std::uint64_t{node.depth});
      json_.member("count", node.count);
      json_.member("with_descendants", node.descendants);
      if (node.gone != 0) json_.member("creators_gone", node.gone);
      if (node.count == 1 && first.id != 0) json_.member("id", first.id);
      const auto frames = traceback_.frames_of(first);
      if (!frames.empty()) json_.member("started", text(frames.back().function));
      creator(first);
      json_.end_object();
    }
    json_.end_array();
  }

  static std::string_view kind_words(const analyze::WaitGroupOf& group) {
    if (group.is_lock) return "lock";
    if (group.is_channel()) return "channel";
    return group.object->kind == model::WaitObject::Kind::WaitGroup ? "waitgroup" : "cond";
  }

  // What the object itself has, by memory.
  void object(const model::WaitObject& object) {
    using enum model::WaitObject::Kind;
    if (!object.known) return;
    json_.key("object");
    json_.begin_object();
    if (object.kind == Channel) {
      if (!object.element.none()) json_.member("element", text(object.element));
      json_.member("queued", object.queued);
      json_.member("capacity", object.capacity);
      json_.member("closed", object.closed);
    } else if (object.kind == Mutex) {
      json_.member("locked", object.locked);
      json_.member("waiters", std::uint64_t{object.waiters});
    } else if (object.kind == RWMutex) {
      json_.member("locked", object.locked);
      json_.member("writer_waits", object.writer_waits);
      json_.member("readers", object.readers);
      json_.member("leaving", object.leaving);
    } else if (object.kind == WaitGroup) {
      json_.member("outstanding", object.outstanding);
    }
    json_.end_object();
  }

  void waits() {
    json_.key("waits");
    json_.begin_array();
    for (const auto& group : report_.waits.groups) {
      json_.begin_object();
      json_.member("kind", kind_words(group));
      json_.member("name", group_words(group, report_.symbols));
      if (group.address) json_.member("address", fmt::format("{:#x}", *group.address));
      if (group.value) json_.member("value", fmt::format("{:#x}", *group.value));
      if (group.is_channel()) json_.member("senders", group.senders);
      if (group.object != nullptr) object(*group.object);
      frame("in", group.place);
      json_.key("waiters");
      json_.begin_array();
      for (const auto row : group.waiters) json_.value(traceback_.goroutines[row].id);
      json_.end_array();
      if (group.proof != analyze::HolderProof::None) {
        json_.key("holder");
        json_.begin_object();
        json_.member("confidence", analyze::confidence_of(group.proof));
        json_.member("proof", proof_words(group.proof));
        frame("inside", group.held_in);
        goroutine_members(group.holder);
        json_.end_object();
      }
      if (!group.other_holders.empty()) {
        json_.key("other_holders");
        json_.begin_array();
        for (const auto row : group.other_holders) json_.value(traceback_.goroutines[row].id);
        json_.end_array();
      }
      if (group.orphan) {
        json_.member("orphan", true);
        json_.member("orphan_confidence", group.orphan_confidence);
      }
      json_.end_object();
    }
    json_.end_array();
    json_.key("cycles");
    json_.begin_array();
    for (const auto& cycle : report_.waits.cycles) {
      json_.begin_object();
      json_.member("confidence", cycle.confidence);
      json_.key("goroutines");
      json_.begin_array();
      for (const auto g : cycle.groups) json_.value(traceback_.goroutines[report_.waits.groups[g].holder].id);
      json_.end_array();
      json_.key("holds");
      json_.begin_array();
      for (const auto g : cycle.groups) json_.value(group_words(report_.waits.groups[g], report_.symbols));
      json_.end_array();
      json_.end_object();
    }
    json_.end_array();
    json_.key("recursive_onces");
    json_.begin_array();
    for (const auto row : report_.waits.recursive_onces) json_.value(traceback_.goroutines[row].id);
    json_.end_array();
  }

  void asleep() {
    if (!report_.asleep) return;
    json_.key("asleep");
    json_.begin_object();
    json_.member("kind", deadlock_words(report_.asleep->kind));
    json_.key("goroutines");
    json_.begin_array();
    for (const auto& sleeper : report_.asleep->culprits) json_.value(sleeper.goroutine->id);
    json_.end_array();
    json_.end_object();
  }

  void depth() {
    json_.key("deep");
    json_.begin_object();
    json_.member("usual_frames", report_.deep.usual);
    json_.member("count", report_.deep.count);
    json_.key("deepest");
    json_.begin_array();
    for (const auto& deep : report_.deep.deepest) {
      json_.begin_object();
      if (deep.goroutine->id != 0) json_.member("id", deep.goroutine->id);
      json_.member("frames", deep.depth);
      json_.key("cycle");
      json_.begin_array();
      const auto frames = traceback_.frames_of(*deep.goroutine);
      for (std::size_t i = 0; i < deep.cycle.period; ++i) json_.value(text(frames[deep.cycle.begin + i].function));
      json_.end_array();
      json_.end_object();
    }
    json_.end_array();
    json_.end_object();
  }

  void growth() {
    json_.key("growth");
    json_.begin_array();
    for (const auto& growth : report_.growth) {
      json_.begin_object();
      json_.key("dumps");
      json_.begin_array();
      for (const auto i : growth.order) json_.value(std::uint64_t{i + 1});
      json_.end_array();
      using enum analyze::Growth::Ordered;
      json_.member("ordered", growth.ordered == ByTime     ? "by time"
                              : growth.ordered == ByNumber ? "by number"
                                                           : "as given");
      if (growth.minutes) json_.member("minutes", *growth.minutes);
      json_.key("sites");
      json_.begin_array();
      for (const auto& site : growth.sites) growth_site(growth, site);
      json_.end_array();
      json_.end_object();
    }
    json_.end_array();
  }

  void growth_site(const analyze::Growth& growth, const analyze::SiteGrowth& site) {
    json_.begin_object();
    place("created_by", site.function, site.file, site.line);
    json_.end_object();
    json_.key("counts");
    json_.begin_array();
    for (const auto count : site.counts) json_.value(count);
    json_.end_array();
    json_.member("change", site.change());
    if (growth.minutes && *growth.minutes > 0)
      json_.member("per_minute", static_cast<double>(site.change()) / *growth.minutes);
    json_.member("grows", analyze::judge(growth, site).grows);
    if (growth.has_ids) {
      json_.key("turnover");
      json_.begin_array();
      for (const auto& step : site.turnover) {
        json_.begin_object();
        json_.member("stayed", step.stayed);
        json_.member("new", step.fresh);
        json_.member("ended", step.ended);
        json_.end_object();
      }
      json_.end_array();
    }
    json_.end_object();
  }

  const GoroutineReport& report_;
  const analyze::Snapshot& snapshot_;
  const model::Traceback& traceback_;
  JsonWriter json_;
};

}  // namespace

void goroutines_json(const GoroutineReport& report, std::string& out) {
  Writer(report, out).write();
  out += '\n';
}

}  // namespace gopsy::render
