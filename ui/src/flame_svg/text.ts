/** Three significant digits in the largest unit that keeps the number at or above 1, as base/units.cc does. */
function inUnits(value: number, units: [number, string][]): string {
  let i = 0;
  while (i + 1 < units.length && Math.abs(value) >= units[i + 1][0]) i++;
  const scaled = value / units[i][0];
  const size = Math.abs(scaled);
  return scaled.toFixed(i === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2) + " " + units[i][1];
}

const BYTES: [number, string][] = [[1, "B"], [2 ** 10, "KiB"], [2 ** 20, "MiB"], [2 ** 30, "GiB"], [2 ** 40, "TiB"]];
const TIMES: [number, string][] = [[1, "ns"], [1e3, "\u00b5s"], [1e6, "ms"], [1e9, "s"], [6e10, "min"], [3.6e12, "h"]];

export function commas(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function human(value: number, unit: string): string {
  if (unit === "nanoseconds" || unit === "ns") return inUnits(value, TIMES);
  if (unit === "bytes") return inUnits(value, BYTES);
  return commas(value) + (unit && unit !== "count" ? " " + unit : "");
}

export function percent(share: number): string {
  const p = share * 100;
  return (p >= 99.95 || p === 0 ? p.toFixed(0) : p >= 1 ? p.toFixed(1) : String(Number(p.toPrecision(2)))) + "%";
}

/** model::short_function: the last element of the import path, receiver, function; no type arguments. */
export function brief(name: string): string {
  const stop = name.search(/[[(]/);
  const path = stop < 0 ? name : name.slice(0, stop);
  let slash = path.lastIndexOf("/");
  const dot = name.indexOf(".", slash < 0 ? 0 : slash);
  if (slash > 0 && dot > 0 && /^v\d+$/.test(name.slice(slash + 1, dot))) {
    const before = name.slice(0, slash).lastIndexOf("/");
    name = name.slice(0, slash) + name.slice(dot);
    slash = before;
  }
  if (name[0] === "[") return name;
  let out = "";
  let depth = 0;
  for (const c of name.slice(slash + 1)) {
    if (c === "[") depth++;
    if (!depth) out += c;
    if (c === "]" && depth) depth--;
  }
  return out.replace(/%2e/g, ".");
}

/** As fit_label of render/svg/layout.h. */
export function fit(name: string, suffix: string, columns: number): string {
  const tail = suffix && " " + suffix;
  const short = brief(name);
  const bare = short[0] === "[" ? short : short.slice(short.indexOf(".") + 1);
  const last = /[^.]*(\.(func|gowrap)?\d+)*$/.exec(bare)![0] || bare;
  for (const form of [name, short, bare, last]) if (form && form.length + tail.length <= columns) return form + tail;
  if (columns < tail.length + 3) return suffix.length <= columns ? suffix : "";
  return last.slice(0, columns - tail.length - 1) + "\u2026" + tail;
}
