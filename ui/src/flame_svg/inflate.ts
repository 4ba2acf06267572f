// Raw deflate, RFC 1951. Own code and synchronous: DecompressionStream is missing from some viewers
// that do run scripts, and its promise would leave the drawing without its tree for a while.

interface Code {
  counts: Uint16Array;
  symbols: Uint16Array;
}

function code(lengths: ArrayLike<number>): Code {
  const counts = new Uint16Array(16);
  for (let i = 0; i < lengths.length; i++) counts[lengths[i]]++;
  counts[0] = 0;
  const next = new Uint16Array(16);
  for (let i = 1; i < 15; i++) next[i + 1] = next[i] + counts[i];
  const symbols = new Uint16Array(lengths.length);
  for (let i = 0; i < lengths.length; i++) if (lengths[i]) symbols[next[lengths[i]]++] = i;
  return { counts, symbols };
}

const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

export function inflate(input: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  let to = 0;
  let held = 0;
  let count = 0;

  function bits(n: number): number {
    while (count < n) {
      held |= input[at++] << count;
      count += 8;
    }
    const value = held & ((1 << n) - 1);
    held >>>= n;
    count -= n;
    return value;
  }

  function symbol(c: Code): number {
    let value = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length < 16; length++) {
      value |= bits(1);
      const n = c.counts[length];
      if (value - n < first) return c.symbols[index + value - first];
      index += n;
      first = (first + n) << 1;
      value <<= 1;
    }
    throw new Error("broken deflate stream");
  }

  function tables(): [Code, Code] {
    const literals = bits(5) + 257;
    const distances = bits(5) + 1;
    const used = bits(4) + 4;
    const lengths = new Uint8Array(320);
    for (let i = 0; i < used; i++) lengths[ORDER[i]] = bits(3);
    const c = code(lengths.slice(0, 19));
    lengths.fill(0);
    for (let i = 0; i < literals + distances; ) {
      const s = symbol(c);
      if (s < 16) {
        lengths[i++] = s;
        continue;
      }
      const value = s === 16 ? lengths[i - 1] : 0;
      let n = s === 16 ? 3 + bits(2) : s === 17 ? 3 + bits(3) : 11 + bits(7);
      while (n--) lengths[i++] = value;
    }
    return [code(lengths.slice(0, literals)), code(lengths.slice(literals, literals + distances))];
  }

  function fixed(): [Code, Code] {
    const lengths = new Uint8Array(288).fill(8);
    lengths.fill(9, 144, 256).fill(7, 256, 280);
    return [code(lengths), code(new Uint8Array(30).fill(5))];
  }

  function copy(length: number, distance: number): void {
    while (length--) {
      out[to] = out[to - distance];
      to++;
    }
  }

  for (let last = 0; !last; ) {
    last = bits(1);
    const type = bits(2);
    if (type === 0) {
      held = count = 0;
      const n = input[at] | (input[at + 1] << 8);
      at += 4;
      out.set(input.subarray(at, at + n), to);
      at += n;
      to += n;
      continue;
    }
    const [literals, distances] = type === 1 ? fixed() : tables();
    for (let s = symbol(literals); s !== 256; s = symbol(literals)) {
      if (s < 256) {
        out[to++] = s;
        continue;
      }
      s -= 257;
      // Lengths and distances double every 4 and 2 codes; 285 is the odd one out.
      const le = s < 8 || s === 28 ? 0 : (s >> 2) - 1;
      const length = s < 8 ? s + 3 : s === 28 ? 258 : ((4 + (s & 3)) << le) + 3 + bits(le);
      const d = symbol(distances);
      const de = d < 4 ? 0 : (d >> 1) - 1;
      copy(length, d < 4 ? d + 1 : ((2 + (d & 1)) << de) + 1 + bits(de));
    }
  }
  return out;
}
