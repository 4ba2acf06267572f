import { Entry, Tree } from "./tree";
import { changed } from "./sides";
import { commas, fit } from "./text";

export const ROW = 18;
const CHARACTER = 6.95;
const NARROWEST = 0.5;
const MOST_ROWS = 1500;
const MOST_ANCESTORS = 24;
const SVG = "http://www.w3.org/2000/svg";

/** One rectangle on the screen: a node, or `merged` siblings too narrow to stand alone. */
export interface Box {
  tree: Tree;
  node: number;
  x: number;
  width: number;
  row: number;
  merged: number;
  total: number;
  faded: boolean;
}

export interface Scene {
  tree: Tree;
  entries: Entry[];
  focus: number;
  flipped: boolean;
  /** The callers of `tree`'s only function, drawn upwards above it. */
  callers?: Tree;
  matches?: Uint8Array;
  hot: Set<number>;
}

export function element(name: string, attributes: Record<string, string | number>, parent?: Element): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const key in attributes) made.setAttribute(key, String(attributes[key]));
  if (parent) parent.appendChild(made);
  return made;
}

/** The boxes of one tree below `focus`, by row. Never recursive, and never more than the screen shows. */
function subtree(t: Tree, focus: number, width: number): Box[][] {
  const rows: Box[][] = [];
  const scale = width / (t.total[focus] || 1);
  for (let n = focus; n < t.end[focus]; ) {
    const row = t.depth[n] - t.depth[focus];
    const x = (t.left[n] - t.left[focus]) * scale;
    const w = t.total[n] * scale;
    if (row >= MOST_ROWS) {
      n = t.end[n];
      continue;
    }
    const boxes = rows[row] || (rows[row] = []);
    if (w >= NARROWEST || n === focus) {
      boxes.push({ tree: t, node: n, x, width: w, row, merged: 0, total: t.total[n], faded: false });
      n++;
      continue;
    }
    const last = boxes[boxes.length - 1];
    if (last && last.merged && t.parent[last.node] === t.parent[n]) {
      last.width = x + w - last.x;
      last.merged++;
      last.total += t.total[n];
    } else {
      boxes.push({ tree: t, node: n, x, width: w, row, merged: 1, total: t.total[n], faded: false });
    }
    n = t.end[n];
  }
  return rows.map((boxes) => boxes.filter((b) => !b.merged || b.width >= NARROWEST));
}

function ancestors(t: Tree, focus: number, width: number): Box[][] {
  const rows: Box[][] = [];
  for (let n = focus; n && rows.length < MOST_ANCESTORS; ) {
    n = t.parent[n];
    rows.unshift([{ tree: t, node: n, x: 0, width, row: 0, merged: 0, total: t.total[n], faded: true }]);
  }
  return rows;
}

export class View {
  rows: Box[][] = [];
  height = 0;
  private flipped = false;

  constructor(
    private readonly chart: Element,
    private readonly labels: Element,
  ) {}

  draw(scene: Scene, width: number): void {
    const up = scene.callers ? subtree(scene.callers, 1, width).slice(1).reverse() : [];
    const above = scene.callers ? up : ancestors(scene.tree, scene.focus, width);
    const focus = scene.callers ? 1 : scene.focus;
    this.rows = above.concat(subtree(scene.tree, focus, width));
    this.rows.forEach((boxes, row) => boxes.forEach((b) => (b.row = row)));
    this.flipped = scene.flipped;
    this.height = this.rows.length * ROW;
    this.paint(scene);
  }

  y(row: number): number {
    return (this.flipped ? this.rows.length - 1 - row : row) * ROW;
  }

  at(x: number, y: number): Box | undefined {
    const line = Math.floor(y / ROW);
    const boxes = this.rows[this.flipped ? this.rows.length - 1 - line : line];
    return boxes && boxes.find((b) => x >= b.x && x < b.x + Math.max(b.width, 1));
  }

  find(tree: Tree, node: number): Box | undefined {
    for (const boxes of this.rows) for (const b of boxes) if (b.node === node && b.tree === tree && !b.merged) return b;
    return undefined;
  }

  private css(scene: Scene, b: Box): string {
    if (b.merged) return "g";
    const e = scene.entries[b.tree.entry[b.node]];
    const own = b.tree.was ? changed(b.tree, b.node) : b.node ? e.css : "a";
    let css = b.node && scene.matches && scene.matches[b.tree.entry[b.node]] ? "q" : own;
    if (b.node && e.inlined) css += b.width > 12 ? " i" : " j";
    if (b.tree === scene.tree && scene.hot.has(b.node)) css += " h";
    return b.faded ? css + " f" : css;
  }

  // One path per colour instead of an element per box: a zoom then costs the browser a few elements.
  private paint(scene: Scene): void {
    const paths = new Map<string, string>();
    const labels = document.createDocumentFragment();
    for (const boxes of this.rows) {
      for (const b of boxes) {
        const y = this.y(b.row);
        const w = b.width > 3 ? b.width - 0.6 : b.width;
        const css = this.css(scene, b);
        paths.set(css, (paths.get(css) || "") + `M${b.x.toFixed(1)} ${y}h${w.toFixed(1)}v${ROW - 1}h-${w.toFixed(1)}z`);
        if (!b.merged && b.width > 3 * CHARACTER + 8) this.label(scene, b, y, labels);
      }
    }
    this.chart.textContent = "";
    for (const [css, d] of paths) element("path", { class: css, d }, this.chart);
    this.labels.textContent = "";
    this.labels.appendChild(labels);
  }

  private label(scene: Scene, b: Box, y: number, into: DocumentFragment): void {
    const name = b.node ? scene.entries[b.tree.entry[b.node]].name : "all";
    const cycle = b.tree.cycles.get(b.node);
    const text = fit(name, cycle ? "\u00d7" + commas(cycle.repeats) : "", Math.floor((b.width - 8) / CHARACTER));
    if (!text) return;
    const label = element("text", { x: b.x.toFixed(1), y: y + 13 });
    label.textContent = text;
    into.appendChild(label);
  }
}
