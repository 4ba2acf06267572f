import { element } from "./view";

const XHTML = "http://www.w3.org/1999/xhtml";

function html<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string>,
  parent: Element,
  text = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElementNS(XHTML, name) as HTMLElementTagNameMap[K];
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  made.textContent = text;
  parent.appendChild(made);
  return made;
}

/** What stands around the drawing once scripts run. Its style is in the stylesheet of the static layer. */
export class Chrome {
  readonly search: HTMLInputElement;
  readonly buttons: Record<string, HTMLButtonElement> = {};
  private readonly share: HTMLElement;
  private readonly details: HTMLElement;
  private readonly crumbs: HTMLElement;
  private readonly frames: SVGElement[];

  constructor(svg: Element, act: (action: string) => void) {
    const tools = element("foreignObject", { id: "tools", height: 34 }, svg);
    const path = element("foreignObject", { id: "path", x: 10, y: 56, height: 22 }, svg);
    const bar = element("foreignObject", { id: "bar", x: 0, height: 30 }, svg);
    this.frames = [tools, path, bar];
    const box = html("div", { class: "x", role: "toolbar", "aria-label": "Flame graph" }, tools);
    this.share = html("output", { id: "matched", "aria-live": "polite" }, box);
    this.search = html("input", { id: "search", type: "text", placeholder: "Search (regex)  /", "aria-label": "Search functions by regular expression", spellcheck: "false" }, box);
    const button = (action: string, text: string, title: string) => {
      const made = html("button", { type: "button", id: action, title, "aria-label": title }, box, text);
      made.addEventListener("click", () => act(action));
      this.buttons[action] = made;
    };
    button("prev", "\u2191", "Previous match (Shift+N)");
    button("next", "\u2193", "Next match (N)");
    button("case", "Aa", "Match case (C)");
    button("sandwich", "Sandwich", "Callers and callees of the selected function (S)");
    button("flip", "Flip", "Root at the bottom (I)");
    button("reset", "Reset", "Whole graph, no search (R)");
    this.crumbs = html("nav", { class: "x n", "aria-label": "Callers" }, path);
    this.details = html("div", { class: "x d", id: "details", role: "status", "aria-live": "polite" }, bar);
  }

  /** Keeps the tools and the details in the window while the drawing scrolls. */
  stick(width: number): void {
    const [tools, path, bar] = this.frames;
    const wide = Math.min(680, width - 20);
    tools.setAttribute("width", String(wide));
    tools.setAttribute("x", String(width - wide - 10));
    tools.setAttribute("y", String(window.scrollY + 7));
    path.setAttribute("width", String(width - 20));
    bar.setAttribute("width", String(width));
    bar.setAttribute("y", String(window.scrollY + window.innerHeight - 30));
  }

  matched(text: string, broken: boolean): void {
    this.share.textContent = text;
    this.search.classList.toggle("w", broken);
  }

  describe(name: string, facts: string[]): void {
    this.details.textContent = "";
    html("b", {}, this.details, name);
    for (const fact of facts) html("span", {}, this.details, fact);
  }

  trail(names: [string, () => void][]): void {
    this.crumbs.textContent = "";
    names.forEach(([name, go], i) => {
      if (i) html("span", {}, this.crumbs, "\u203a");
      html("button", { type: "button" }, this.crumbs, name).addEventListener("click", go);
    });
  }
}
