import { inflate } from "./inflate";

/** What frames of one name have in common. */
export interface Entry {
  name: string;
  file: string;
  css: string;
  inlined: boolean;
  marker: boolean;
}

/** A call tree in pre-order; node 0 is the root, whose entry means nothing. */
export interface Tree {
  entry: Uint32Array;
  parent: Uint32Array;
  end: Uint32Array;
  depth: Uint32Array;
  /** Where the node begins, in values from the left edge of the root. */
  left: Float64Array;
  total: Float64Array;
  self: Float64Array;
  /** What a node cost before and now, where two profiles are compared. */
  was?: Float64Array;
  now?: Float64Array;
  /** Turns and frames of the cycle folded onto a node. */
  cycles: Map<number, { repeats: number; period: number }>;
}

export interface Graph {
  tree: Tree;
  entries: Entry[];
  type: string;
  unit: string;
}

export function newTree(n: number): Tree {
  return {
    entry: new Uint32Array(n),
    parent: new Uint32Array(n),
    end: new Uint32Array(n),
    depth: new Uint32Array(n),
    left: new Float64Array(n),
    total: new Float64Array(n),
    self: new Float64Array(n),
    cycles: new Map(),
  };
}

/** `left` of every node; needs parent and total. */
export function place(t: Tree): void {
  const next = new Float64Array(t.entry.length);
  for (let n = 1; n < t.entry.length; n++) {
    const p = t.parent[n];
    t.left[n] = t.left[p] + next[p];
    next[p] += t.total[n];
  }
}

class Numbers {
  private at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  byte(): number {
    return this.bytes[this.at++];
  }

  /** Unsigned LEB128. Above 2^53 the sum is rounded, not wrapped. */
  next(): number {
    let value = 0;
    let unit = 1;
    for (;;) {
      const b = this.bytes[this.at++];
      value += (b & 127) * unit;
      if (b < 128) return value;
      unit *= 128;
    }
  }

  /** Signed, zigzag. */
  signed(): number {
    const value = this.next();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  }

  text(decoder: TextDecoder): string {
    const end = this.bytes.indexOf(0, this.at);
    const text = decoder.decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }
}

function readEntries(numbers: Numbers): Entry[] {
  const decoder = new TextDecoder();
  const texts: string[] = [];
  for (let n = numbers.next(); n--; ) texts.push(numbers.text(decoder));
  const entries: Entry[] = [];
  for (let n = numbers.next(); n--; ) {
    const name = texts[numbers.next()];
    const file = numbers.next();
    const css = String.fromCharCode(numbers.byte(), numbers.byte());
    const flags = numbers.byte();
    entries.push({ name, file: file ? texts[file - 1] : "", css, inlined: !!(flags & 1), marker: !!(flags & 2) });
  }
  return entries;
}

/** The inverse of encode_payload (src/render/svg/payload.h). */
export function readGraph(json: string): Graph {
  const head = JSON.parse(json) as { type: string; unit: string; scale: number; nodes: number; sides?: boolean; raw: number; z: string };
  const packed = Uint8Array.from(atob(head.z), (c) => c.charCodeAt(0));
  const numbers = new Numbers(inflate(packed, head.raw));
  const entries = readEntries(numbers);
  const callees: number[][] = [];
  for (let e = 0; e <= entries.length; e++) {
    const list: number[] = [];
    let callee = 0;
    for (let n = numbers.next(); n--; ) list.push((callee += numbers.next()));
    callees.push(list);
  }

  const count = head.nodes;
  const t = newTree(count);
  const open = new Uint32Array(count);
  for (let n = 0; n < count; n++) open[n] = numbers.next();
  // A node's parent is the nearest one before it that still waits for children.
  for (let n = 1, p = 0; n < count; n++) {
    while (open[p] === 0) p = t.parent[p];
    open[p]--;
    t.parent[n] = p;
    t.depth[n] = t.depth[p] + 1;
    p = n;
  }
  const next = new Uint32Array(count);
  for (let n = 1; n < count; n++) {
    const p = t.parent[n];
    const at = next[p] + numbers.next();
    next[p] = at + 1;
    t.entry[n] = callees[p ? t.entry[p] : entries.length][at];
  }
  for (let n = 0; n < count; n++) t.total[n] = t.self[n] = numbers.next() * head.scale;
  for (let n = 0; n < count; n++) t.total[n] += numbers.next() * head.scale;
  for (let n = count - 1; n > 0; n--) {
    t.total[t.parent[n]] += t.total[n];
    t.end[n] = Math.max(t.end[n], n + 1);
    t.end[t.parent[n]] = Math.max(t.end[t.parent[n]], t.end[n]);
  }
  t.end[0] = count;
  for (let n = numbers.next(), at = 0; n--; ) {
    at += numbers.next();
    const period = numbers.next();
    t.cycles.set(at, { period, repeats: numbers.next() });
  }
  if (head.sides) {
    t.was = Float64Array.from({ length: count }, () => numbers.signed());
    t.now = Float64Array.from({ length: count }, () => numbers.signed());
  }
  place(t);
  return { tree: t, entries, type: head.type, unit: head.unit };
}
