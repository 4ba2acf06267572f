import { human, percent } from "./text";
import { Tree } from "./tree";

/** As css_of_change (src/render/svg/sides.h). */
export function changed(t: Tree, node: number): string {
  const change = t.now![node] - t.was![node];
  const ratio = t.total[node] ? Math.abs(change) / t.total[node] : 0;
  if (ratio < 0.01) return "e0";
  const strength = ratio < 0.1 ? 1 : ratio < 0.5 ? 2 : 3;
  return "e" + (change > 0 ? strength : strength + 3);
}

/** As figures_of_change: before and after, the change, its share of the total before. */
export function figures(was: number, now: number, whole: number, unit: string): string[] {
  const signed = (value: number, text: string) => (value < 0 ? "-" : value > 0 ? "+" : "") + text;
  const change = now - was;
  const facts = [`${human(was, unit)} \u2192 ${human(now, unit)}`, change ? signed(change, human(Math.abs(change), unit)) : "unchanged"];
  if (whole && change) facts.push(signed(change, percent(Math.abs(change / whole))) + " of the total before");
  return facts;
}
