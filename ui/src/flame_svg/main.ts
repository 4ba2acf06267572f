import { Chrome } from "./chrome";
import { merged, outermost } from "./merge";
import { figures } from "./sides";
import { brief, commas, human, percent } from "./text";
import { Graph, Tree, readGraph } from "./tree";
import { Box, ROW, Scene, View, element } from "./view";

const TOP = 80;
const MARGIN = 10;
const LONGEST_TRAIL = 8;

/** As FlameGraph::hot_path (src/analyze/flame_graph.h). */
function hotPath(t: Tree): Set<number> {
  const path = new Set<number>();
  for (let at = 0; ; ) {
    let heaviest = 0;
    for (let c = at + 1; c < t.end[at]; c = t.end[c]) if (!heaviest || t.total[c] > t.total[heaviest]) heaviest = c;
    const total = t.total[heaviest];
    if (!heaviest || total < t.self[at] || total * 4 < t.total[at] || total * 20 < t.total[0]) return path;
    path.add((at = heaviest));
  }
}

/** Takes the drawing over. One scope rather than a class: names of locals are shortened by the bundler. */
function run(svg: SVGSVGElement, graph: Graph): void {
  const tree = graph.tree;
  const none = new Set<number>();
  const hot = tree.was ? none : hotPath(tree);
  const chart = svg.getElementById("f");
  const labels = svg.getElementById("l");
  const view = new View(chart, labels);
  const chrome = new Chrome(svg, act);
  const search = chrome.search;
  // Overlays on top of the labels; it says to assistive technology where the keyboard stands.
  const cursor = element("rect", { id: "cursor", class: "c", role: "treeitem", height: ROW - 1, rx: 2, "pointer-events": "none" });
  let scene: Scene = { tree, entries: graph.entries, focus: 0, flipped: false, hot };
  let selected = -1;
  let sandwich = -1;
  let matchCase = false;
  let found: number[] = [];
  let width = 0;

  function listen(): void {
    const under = (event: MouseEvent) => {
      const place = svg.getBoundingClientRect();
      return view.at(event.clientX - place.left - MARGIN, event.clientY - place.top - TOP);
    };
    chart.addEventListener("click", (event) => click(under(event as MouseEvent)));
    chart.addEventListener("mousemove", (event) => {
      const hit = under(event as MouseEvent);
      if (hit) describe(hit);
    });
    chart.addEventListener("mouseleave", () => describeSelected());
    window.addEventListener("resize", redraw);
    window.addEventListener("scroll", () => chrome.stick(width));
    window.addEventListener("hashchange", restore);
    document.addEventListener("keydown", key);
    search.addEventListener("input", () => {
      find();
      redraw();
      save();
    });
  }

  function click(hit: Box | undefined): void {
    if (!hit) return;
    if (sandwich >= 0) {
      if (!hit.merged) open(scene.entries[hit.tree.entry[hit.node]] && hit.node ? hit.tree.entry[hit.node] : sandwich);
    } else {
      // Narrow frames that were merged come apart in their caller.
      zoom(hit.merged ? tree.parent[hit.node] : hit.node);
    }
  }

  function zoom(node: number): void {
    sandwich = -1;
    scene = { ...scene, tree, callers: undefined, hot, focus: node };
    selected = node;
    redraw();
    save();
  }

  function open(entry: number): void {
    sandwich = entry;
    scene = { ...scene, tree: merged(tree, entry, false), callers: merged(tree, entry, true), hot: none, focus: 1 };
    selected = 1;
    redraw();
    save();
    const box = view.find(scene.tree, 1);
    if (box) reveal(box);
  }

  function act(action: string): void {
    if (action === "next") step(1);
    else if (action === "prev") step(-1);
    else if (action === "case") {
      matchCase = !matchCase;
      find();
      redraw();
    } else if (action === "flip") {
      scene.flipped = !scene.flipped;
      redraw();
    } else if (action === "sandwich") {
      if (sandwich >= 0) zoom(0);
      else if (selected > 0) open(tree.entry[selected]);
      else chrome.describe("Select a frame first", ["then S shows its callers above and its callees below"]);
    } else if (action === "reset") {
      search.value = "";
      find();
      zoom(0);
    }
    save();
  }

  function key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target === search;
    const pressed = event.key;
    if (typing) {
      if (pressed === "Enter") step(event.shiftKey ? -1 : 1);
      else if (pressed === "Escape") (chart as SVGElement).focus();
      else return;
    } else if (event.target instanceof HTMLButtonElement && pressed === "Enter") {
      return;
    } else if (pressed === "/") {
      search.focus();
      search.select();
    } else if (pressed === "Enter") {
      if (selected >= 0) sandwich >= 0 ? open(scene.tree.entry[selected]) : zoom(selected);
    } else if (pressed === "Escape") {
      zoom(sandwich >= 0 ? 0 : tree.parent[scene.focus]);
    } else if (pressed.startsWith("Arrow")) {
      walk(pressed.slice(5));
    } else {
      const action = { n: "next", N: "prev", c: "case", s: "sandwich", i: "flip", r: "reset" }[pressed];
      if (!action) return;
      act(action);
    }
    event.preventDefault();
  }

  /** Rootwards, to the widest callee, or to the neighbour under the same caller. */
  function walk(direction: string): void {
    const t = scene.tree;
    const n = selected;
    let to = n < 0 ? scene.focus : n;
    if (n >= 0) {
      const rootwards = scene.flipped ? "Down" : "Up";
      if (direction === rootwards) to = t.parent[n];
      else if (direction === "Up" || direction === "Down") {
        for (let c = n + 1, most = 0; c < t.end[n]; c = t.end[c]) if (t.total[c] > most) most = t.total[(to = c)];
      } else if (direction === "Right" && n && t.end[n] < t.end[t.parent[n]]) {
        to = t.end[n];
      } else if (direction === "Left" && n) {
        for (let c = t.parent[n] + 1; c < n; c = t.end[c]) to = c;
      }
    }
    if (sandwich >= 0 && to === 0) to = 1;
    select(to);
  }

  function select(node: number): void {
    selected = node;
    if (!view.find(scene.tree, node)) {
      // Too narrow here, or above the frames that are shown.
      if (sandwich < 0) scene.focus = node < scene.focus ? node : scene.tree.parent[node];
      redraw();
      if (!view.find(scene.tree, node) && sandwich < 0) scene.focus = node;
    }
    redraw();
    const box = view.find(scene.tree, node);
    if (box) reveal(box);
    save();
  }

  function reveal(box: Box): void {
    const y = TOP + view.y(box.row);
    const seen = window.innerHeight - 60;
    if (y < window.scrollY + 50 || y > window.scrollY + seen) window.scrollTo(0, Math.max(0, y - seen / 2));
  }

  function find(): void {
    const text = search.value;
    found = [];
    
    scene.matches = undefined;
    chrome.buttons.case.setAttribute("aria-pressed", String(matchCase));
    if (!text) return chrome.matched("", false);
    const flags = matchCase ? "u" : "iu";
    let expression: RegExp;
    let broken = false;
    try {
      expression = new RegExp(text, flags);
    } catch {
      broken = true;
      expression = new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), flags);
    }
    const matches = Uint8Array.from(graph.entries, (e) => (expression.test(e.name) ? 1 : 0));
    scene.matches = matches;
    found = outermost(tree, (e) => matches[e] === 1);
    const sum = (column: Float64Array) => found.reduce((total, n) => total + column[n], 0);
    const share = tree.was
      ? figures(sum(tree.was), sum(tree.now!), tree.was[0], graph.unit).pop()!
      : percent(sum(tree.total) / (tree.total[0] || 1));
    const places = commas(found.length) + (found.length === 1 ? " match" : " matches");
    chrome.matched(`${share} in ${places}${broken ? ", as plain text" : ""}`, broken);
  }

  function step(by: number): void {
    if (!found.length) return;
    if (sandwich >= 0) zoom(0);
    const at = found.indexOf(selected);
    const next = at < 0 ? (by > 0 ? 0 : found.length - 1) : (at + by + found.length) % found.length;
    select(found[next]);
  }

  function redraw(): void {
    width = Math.max(600, document.documentElement.clientWidth || window.innerWidth);
    const inner = width - 2 * MARGIN;
    view.draw(scene, inner);
    const height = Math.max(TOP + view.height + 96, window.innerHeight);
    const set = (id: string, name: string, value: number | string) => {
      const found = id ? svg.getElementById(id) : svg;
      if (found) found.setAttribute(name, String(value));
    };
    set("", "width", width);
    set("", "height", height);
    set("", "viewBox", `0 0 ${width} ${height}`);
    for (const id of ["f", "l"]) {
      set(id, "width", inner);
      set(id, "height", view.height);
    }
    set("legend", "transform", `translate(${MARGIN} ${TOP + view.height + 22})`);
    set("notes", "y", TOP + view.height + 44);
    const zoomed = scene.focus > 0 || sandwich >= 0;
    set("hot", "visibility", zoomed ? "hidden" : "visible");
    chrome.trail(zoomed ? trail() : []);
    chrome.buttons.flip.setAttribute("aria-pressed", String(scene.flipped));
    chrome.buttons.sandwich.setAttribute("aria-pressed", String(sandwich >= 0));
    mark();
    describeSelected();
    chrome.stick(width);
  }

  function trail(): [string, () => void][] {
    if (sandwich >= 0) {
      const name = brief(graph.entries[sandwich].name);
      return [["all", () => zoom(0)], [`callers above and callees below ${name}`, () => undefined]];
    }
    const steps: [string, () => void][] = [];
    for (let n = scene.focus; n; n = tree.parent[n]) {
      if (steps.length === LONGEST_TRAIL) {
        steps.push(["\u2026", () => zoom(n)]);
        break;
      }
      steps.push([brief(graph.entries[tree.entry[n]].name), () => zoom(n)]);
    }
    steps.push(["all", () => zoom(0)]);
    return steps.reverse();
  }

  function mark(): void {
    const box = selected >= 0 ? view.find(scene.tree, selected) : undefined;
    cursor.setAttribute("visibility", box ? "visible" : "hidden");
    if (!box) return;
    cursor.setAttribute("x", String(MARGIN + box.x));
    cursor.setAttribute("y", String(TOP + view.y(box.row)));
    cursor.setAttribute("width", String(Math.max(box.width - 0.6, 2)));
    cursor.setAttribute("aria-level", String(scene.tree.depth[box.node] + 1));
  }

  function describeSelected(): void {
    const node = selected < 0 ? 0 : selected;
    const box = view.find(scene.tree, node) || view.rows[0]?.[0];
    if (box) describe(box, true);
  }

  function describe(box: Box, selected = false): void {
    const t = box.tree;
    const cost = (value: number) => human(value, graph.unit) + ", " + percent(value / (tree.total[0] || 1));
    let name = "all";
    const facts = t.was
      ? box.merged ? [] : figures(t.was[box.node], t.now![box.node], tree.was![0], graph.unit)
      : [cost(box.total)];
    if (box.merged) {
      name = `${commas(box.merged)} narrow frame${box.merged > 1 ? "s" : ""}`;
    } else if (box.node) {
      const entry = graph.entries[t.entry[box.node]];
      const cycle = t.cycles.get(box.node);
      name = entry.name;
      if (t.self[box.node] && !t.was) facts.push("self " + cost(t.self[box.node]));
      const above = t.parent[box.node];
      if (above && !t.was) facts.push(percent(box.total / t.total[above]) + " of its caller");
      if (entry.inlined) facts.push("inlined");
      if (cycle) facts.push(`\u00d7${commas(cycle.repeats)}, a cycle of ${cycle.period}`);
      if (entry.file) facts.push(entry.file);
    }
    chrome.describe(name, facts);
    if (selected) cursor.setAttribute("aria-label", [name, ...facts].join(", "));
  }

  function save(): void {
    const state = new URLSearchParams();
    if (sandwich >= 0) state.set("fn", String(sandwich));
    else if (scene.focus) state.set("zoom", String(scene.focus));
    if (selected > 0 && sandwich < 0) state.set("at", String(selected));
    if (search.value) state.set("q", search.value);
    if (matchCase) state.set("case", "1");
    if (scene.flipped) state.set("flip", "1");
    const text = state.toString();
    if (text !== location.hash.slice(1)) history.replaceState(null, "", text ? "#" + text : location.href.split("#")[0]);
  }

  function restore(): void {
    const state = new URLSearchParams(location.hash.slice(1));
    const number = (key: string, below: number) => {
      const value = Number(state.get(key) || "0");
      return value >= 0 && value < below ? Math.floor(value) : 0;
    };
    matchCase = state.has("case");
    search.value = state.get("q") || "";
    scene.flipped = state.has("flip");
    find();
    if (state.has("fn") && graph.entries.length) return open(number("fn", graph.entries.length));
    const nodes = tree.entry.length;
    const at = number("at", nodes);
    scene = { ...scene, tree, callers: undefined, hot, focus: number("zoom", nodes) };
    sandwich = -1;
    selected = at || scene.focus || -1;
    redraw();
  }

  labels.setAttribute("aria-hidden", "true");
  labels.after(cursor);
  svg.setAttribute("role", "application");
  chart.setAttribute("role", "tree");
  chart.setAttribute("tabindex", "0");
  chart.setAttribute("aria-label", "Call tree: arrow keys walk, Enter zooms, Escape zooms out");
  chart.setAttribute("aria-activedescendant", "cursor");
  listen();
  restore();
}

// A viewer without what the script needs keeps the static drawing.
const svg = document.querySelector("svg") as unknown as SVGSVGElement;
const source = svg.querySelector("#data");
if (source && source.textContent) run(svg, readGraph(source.textContent));
