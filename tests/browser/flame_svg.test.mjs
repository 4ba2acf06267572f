// What the SVG does in a browser. GOPSY_BINARY is the built gopsy; without it, or without Chromium,
// the tests are skipped and say so. GOPSY_SCREENSHOTS keeps pictures in that folder.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";

const binary = process.env.GOPSY_BINARY;
const chromium = process.env.CHROMIUM || "/usr/bin/chromium";
const skip = !binary ? "GOPSY_BINARY is not set" : !existsSync(chromium) ? `${chromium} is missing` : false;

const FOLDED = [
  "runtime.main;main.main;main.serve;encoding/json.Marshal;encoding/json.(*encodeState).marshal 400",
  "runtime.main;main.main;main.serve;encoding/json.Marshal 100",
  "runtime.main;main.main;main.serve;main.render 300",
  "runtime.main;main.main;main.walk;main.walk;main.walk;main.walk;main.visit 150",
  "runtime.gcBgMarkWorker;runtime.gcDrain;runtime.scanobject 50",
  ...Array.from({ length: 400 }, (_, i) => `runtime.main;main.main;main.many;main.tiny${i};main.below${i} 1`),
];
const TOTAL = 1400;

describe("flame graph SVG", { skip }, () => {
  let folder;
  let browser;
  let url;

  before(async () => {
    const { chromium: driver } = createRequire(new URL("../../ui/", import.meta.url))("playwright-core");
    folder = mkdtempSync(join(tmpdir(), "gopsy-flame-"));
    writeFileSync(join(folder, "in.folded"), FOLDED.join("\n") + "\n");
    execFileSync(binary, ["flame", join(folder, "in.folded"), "-o", join(folder, "out.svg")]);
    const after = FOLDED.map((line) => line.replace("main.render 300", "main.render 600").replace("main.visit 150", "main.visit 50"));
    writeFileSync(join(folder, "after.folded"), after.join("\n") + "\nruntime.main;main.main;main.serve;main.fresh 25\n");
    for (const form of ["svg", "html"])
      execFileSync(binary, ["diff", join(folder, "in.folded"), join(folder, "after.folded"), "-o", join(folder, `diff.${form}`)]);
    url = pathToFileURL(join(folder, "out.svg")).href;
    browser = await driver.launch({
      executablePath: chromium,
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
  });

  after(async () => {
    await browser?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  /** Opens the drawing, runs `steps`, and fails on anything that reached the console. */
  async function open(options, hash, name, steps, file = "out.svg") {
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
    const page = await context.newPage();
    const complaints = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(url.replace("out.svg", file) + hash);
    await steps(page);
    if (process.env.GOPSY_SCREENSHOTS) {
      mkdirSync(process.env.GOPSY_SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: join(process.env.GOPSY_SCREENSHOTS, `${name}.png`) });
    }
    await context.close();
    assert.deepEqual(complaints, []);
  }

  // Asked of the page itself: the driver hears of replaceState a moment later.
  const hash = (page) => page.evaluate(() => location.hash);
  const labels = (page) => page.locator("#l text").allTextContents();
  const details = (page) => page.locator("#details").textContent();
  const pressAll = async (page, keys) => { for (const key of keys) await page.keyboard.press(key); };
  const clickLabel = async (page, text) => {
    const box = await page.locator("#l text", { hasText: text }).first().boundingBox();
    await page.mouse.click(box.x + 5, box.y + box.height / 2);
  };

  test("is complete with scripts off", async () => {
    await open({ javaScriptEnabled: false }, "", "static", async (page) => {
      const drawn = await labels(page);
      for (const name of ["all", "runtime.main", "main.main", "main.render", "main.walk ×4"]) assert.ok(drawn.includes(name), name);
      assert.match(await page.locator("#f title").nth(1).textContent(), /^runtime\.gcBgMarkWorker\n50, 3\.6%$/);
      assert.match(await page.locator("#desc").textContent(), /Most own cost: encoding\/json/);
      assert.equal(await page.locator("#tools").count(), 0);
    });
  });

  test("is an image too", async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(folder).href + "/");
    const width = await page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return image.naturalWidth;
    }, url);
    assert.equal(width, 1200);
    await page.close();
  });

  test("zooms on a click and keeps the zoom in the hash", async () => {
    await open({}, "", "zoom", async (page) => {
      assert.ok(!(await labels(page)).some((text) => text.includes("tiny7")));
      await clickLabel(page, "main.many");
      assert.match(await hash(page), /^#zoom=\d+/);
      assert.match(await details(page), /main\.many400, 28\.6%/);
      assert.ok((await page.locator("#path button").allTextContents()).includes("main.many"));
    });
  });

  test("draws frames below the static threshold once their subtree is zoomed", async () => {
    await open({}, "", "narrow", async (page) => {
      await clickLabel(page, "main.many");
      await pressAll(page, ["ArrowDown", "Enter"]);
      assert.ok((await labels(page)).some((text) => /^main\.below\d+$/.test(text)));
    });
  });

  test("opens at the state of the hash", async () => {
    let saved = "";
    await open({}, "", "saved", async (page) => {
      await clickLabel(page, "main.serve");
      await page.keyboard.press("i");
      saved = await hash(page);
    });
    await open({}, saved, "restored", async (page) => {
      assert.match(await details(page), /^main\.serve/);
      assert.equal(await page.locator("#flip").getAttribute("aria-pressed"), "true");
    });
  });

  test("says what share a search matches, nested matches once", async () => {
    await open({}, "", "search", async (page) => {
      await page.keyboard.press("/");
      await page.keyboard.type("JSON");
      assert.equal(await page.locator("#matched").textContent(), `${((500 / TOTAL) * 100).toFixed(1)}% in 1 match`);
      assert.ok((await page.locator("#f path.q, #f path.q.h").count()) > 0);
      await pressAll(page, ["Escape", "c"]);
      assert.equal(await page.locator("#matched").textContent(), "0% in 0 matches");
    });
  });

  test("steps through matches and takes a broken expression as plain text", async () => {
    await open({}, "#q=main.tiny", "step", async (page) => {
      await page.keyboard.press("n");
      const first = await details(page);
      await page.keyboard.press("n");
      const second = await details(page);
      assert.match(first, /^main\.tiny/);
      assert.notEqual(first, second);
      await page.keyboard.press("N");
      assert.equal(await details(page), first);
      await page.locator("#search").fill("encodeState)");
      assert.match(await page.locator("#matched").textContent(), /28\.6% in 1 match, as plain text/);
    });
  });

  test("is walked by keyboard, and tells assistive technology where it stands", async () => {
    await open({}, "", "keyboard", async (page) => {
      await pressAll(page, ["ArrowDown", "ArrowDown", "ArrowDown"]);
      assert.match(await page.locator("#cursor").getAttribute("aria-label"), /^main\.main/);
      assert.equal(await page.locator("#f").getAttribute("aria-activedescendant"), "cursor");
      await pressAll(page, ["ArrowDown", "ArrowLeft", "Enter"]);
      assert.match(await details(page), /^main\.many/);
      await page.keyboard.press("Escape");
      assert.match(await details(page), /^main\.main/);
      await page.keyboard.press("r");
      assert.equal(await hash(page), "");
      await page.keyboard.press("Tab");
      assert.notEqual(await page.evaluate(() => document.activeElement?.id), "");
    });
  });

  test("shows the callers and callees of a function", async () => {
    await open({ colorScheme: "dark" }, "", "sandwich", async (page) => {
      await clickLabel(page, "Marshal");
      await page.keyboard.press("s");
      assert.match(await hash(page), /^#fn=\d+/);
      const drawn = await labels(page);
      assert.deepEqual(drawn, ["runtime.main", "main.main", "main.serve", "encoding/json.Marshal", "encoding/json.(*encodeState).marshal"]);
    });
  });

  for (const form of ["svg", "html"]) {
    test(`compares two profiles as ${form}: both sides, the change, and what is new, by colour`, async () => {
      await open({}, "", `diff-${form}`, async (page) => {
        assert.match(await details(page), /^all1,400 → 1,625\+225\+16\.1% of the total before/);
        await clickLabel(page, "main.serve");
        assert.match(await details(page), /main\.serve800 → 1,125\+325\+23\.2% of the total before/);
        await pressAll(page, ["ArrowDown", "Enter"]);
        assert.match(await hash(page), /zoom=/);
        await pressAll(page, ["r", "/"]);
        await page.keyboard.type("main\\.(walk|visit)");
        assert.equal(await page.locator("#matched").textContent(), "-7.1% of the total before in 1 match");
        assert.ok((await page.locator("#f path.e3").count()) > 0 && (await page.locator("#f path.e6, #f path.q").count()) > 0);
        await pressAll(page, ["Escape", "r"]);
        await clickLabel(page, "main.render");
        await page.keyboard.press("s");
        assert.match(await details(page), /main\.render300 → 600\+300/);
      }, `diff.${form}`);
    });
  }

  test("shows a comparison with scripts off", async () => {
    await open({ javaScriptEnabled: false }, "", "diff-static", async (page) => {
      assert.match(await page.locator("#f title").first().textContent(), /^all\n1,400 → 1,625, \+225, \+16\.1% of the total before$/);
      assert.ok((await page.locator("#f rect.e3").count()) > 0);
      assert.equal(await page.locator("#hot").count(), 0);
    }, "diff.html");
  });

  test("is dark where the system is", async () => {
    const background = (page) => page.evaluate(() => getComputedStyle(document.querySelector(".b")).fill);
    await open({ colorScheme: "dark" }, "", "dark", async (page) => assert.equal(await background(page), "rgb(22, 24, 28)"));
    await open({ colorScheme: "light" }, "", "light", async (page) => assert.equal(await background(page), "rgb(255, 255, 255)"));
  });
});
