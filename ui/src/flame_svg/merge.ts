import { Tree, newTree, place } from "./tree";

interface Member {
  node: number;
  weight: number;
  was: number;
  now: number;
}

/** The nodes of one entry that stand below no other of it: their weights do not overlap. */
export function outermost(t: Tree, matches: (entry: number) => boolean): number[] {
  const found: number[] = [];
  for (let n = 1; n < t.entry.length; ) {
    if (matches(t.entry[n])) {
      found.push(n);
      n = t.end[n];
    } else {
      n++;
    }
  }
  return found;
}

/** All that `entry` calls (or, upwards, all that calls it), however often it stands in the tree, as one tree. */
export function merged(t: Tree, entry: number, callers: boolean): Tree {
  const rows: { entry: number; parent: number; depth: number; total: number; self: number; was: number; now: number }[] = [];
  const of = (node: number): Member => ({ node, weight: t.total[node], was: t.was ? t.was[node] : 0, now: t.now ? t.now[node] : 0 });
  const all = of(0);
  rows.push({ entry: 0, parent: 0, depth: 0, total: all.weight, self: 0, was: all.was, now: all.now });
  const first = outermost(t, (e) => e === entry).map(of);
  const open: { entry: number; parent: number; members: Member[] }[] = [{ entry, parent: 0, members: first }];
  while (open.length) {
    const { entry: e, parent, members } = open.pop()!;
    const at = rows.length;
    const next = new Map<number, Member[]>();
    let total = 0;
    let self = 0;
    let was = 0;
    let now = 0;
    for (const m of members) {
      total += m.weight;
      was += m.was;
      now += m.now;
      if (callers) {
        const p = t.parent[m.node];
        if (p) group(next, t.entry[p], { ...m, node: p });
        else self += m.weight;
        continue;
      }
      self += t.self[m.node];
      for (let c = m.node + 1; c < t.end[m.node]; c = t.end[c]) group(next, t.entry[c], of(c));
    }
    rows.push({ entry: e, parent, depth: rows[parent].depth + 1, total, self, was, now });
    const order = [...next.keys()].sort((a, b) => b - a);
    for (const key of order) open.push({ entry: key, parent: at, members: next.get(key)! });
  }
  const out = newTree(rows.length);
  if (t.was) {
    out.was = Float64Array.from(rows, (r) => r.was);
    out.now = Float64Array.from(rows, (r) => r.now);
  }
  rows.forEach((r, n) => {
    out.entry[n] = r.entry;
    out.parent[n] = r.parent;
    out.depth[n] = r.depth;
    out.total[n] = r.total;
    out.self[n] = r.self;
  });
  for (let n = rows.length - 1; n >= 0; n--) {
    out.end[n] = Math.max(out.end[n], n + 1);
    if (n) out.end[out.parent[n]] = Math.max(out.end[out.parent[n]], out.end[n]);
  }
  place(out);
  return out;
}

function group(into: Map<number, Member[]>, key: number, member: Member): void {
  const list = into.get(key);
  if (list) list.push(member);
  else into.set(key, [member]);
}
