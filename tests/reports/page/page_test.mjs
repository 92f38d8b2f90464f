// The HTML report in a browser. PAGES is the folder of write_pages, BROWSER the browser's program.

import assert from "node:assert/strict";
import {readdirSync} from "node:fs";
import {after, before, test} from "node:test";
import {pathToFileURL} from "node:url";
import {chromium} from "playwright-core";

let browser;

before(async () => {
  browser = await chromium.launch({executablePath: process.env.BROWSER, args: ["--no-sandbox"]});
});
after(() => browser.close());

const phone = {
  width: 360,
  height: 740
};
const desk = {
  width: 1400,
  height: 900
};

/** Opens a page offline. Closing it fails where the browser had complained of anything. */
async function opened(name, options = {}) {
  const context = await browser.newContext({viewport: desk, offline: true, ...options});
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) complaints.push(`asks for ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    complaints.push("opens a dialog");
    dialog.dismiss();
  });
  await page.goto(pathToFileURL(`${process.env.PAGES}/${name}.html`).href);
  const close = async () => {
    assert.deepEqual(complaints, [], name);
    await context.close();
  };
  return {page, close};
}

/** With plain spaces for those that no line breaks at. */
const plain = (text) => text.replaceAll("\u00a0", " ");
const cells = async (page, column) =>
    (await page.locator(`[data-part=comparison] tbody tr > :nth-child(${column})`).allInnerTexts())
        .map(plain);
const titles = async (page) =>
    (await page.locator("[data-part=comparison] thead button").allInnerTexts());
const column = async (page, title) => cells(page, (await titles(page)).indexOf(title) + 1);
const totals = (page) => page.evaluate(
    () => report.sections.flatMap(
        (section) => section.items.map((item) => item.energy.total.slice(0, 2))));
const frame = (page) => page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

test("every page fits a phone, in the dark too: tables scroll in their own boxes", async () => {
  for (const file of readdirSync(process.env.PAGES)) {
    const {page, close} =
        await opened(file.replace(".html", ""), {viewport: phone, colorScheme: "dark"});
    if (file !== "none.html") assert.ok(await page.locator("svg[role=img]").count() >= 2, file);
    await page.locator("details").evaluateAll((all) => all.forEach((one) => {
      one.open = true;
    }));
    await frame(page);
    assert.equal(
        await page.evaluate(() => document.documentElement.scrollWidth), phone.width, file);
    await close();
  }
});

test("the numbers of the page are those of the text report", async () => {
  const {page, close} = await opened("two_runs");
  assert.deepEqual(await column(page, "energy"), ["22.6 µJ", "8.83 µJ"]);
  assert.deepEqual(await column(page, "saved"), ["–", "61.0%"]);
  assert.deepEqual(await column(page, "relative L2"), ["0", "0.123"]);
  assert.deepEqual(await column(page, "Pareto"), ["front", "front"]);
  assert.deepEqual(await column(page, "host time"), ["1.23 ms", "456 µs"]);
  assert.match(
      plain(await page.locator("[data-part=summary]").innerText()),
      /ecoformer form=linear takes the least energy, 8.83 µJ: 61.0% less than softmax \(22.6 µJ\)/);
  const phases = plain(await page.locator("svg[role=img]").first().getAttribute("aria-label"));
  assert.match(
      phases,
      /Energy by phase. softmax: 22.6 µJ, of it scores 43.7%, softmax 13.7%, output 42.6%\./);
  await close();
});

test("savings are shown against softmax and against flash", async () => {
  const {page, close} = await opened("with_flash");
  assert.deepEqual(await column(page, "saved"), ["–", "14.8%", "61.0%"]);
  assert.deepEqual(await column(page, "vs flash"), ["−17.4%", "–", "54.3%"]);
  assert.match(
      plain(await page.locator("[data-part=summary]").innerText()),
      /61.0% less than softmax \(22.6 µJ\), and 54.3% less than flash \(19.3 µJ\)\. Its relative/);
  await close();
  const without = await opened("two_runs");
  assert.ok(!(await titles(without.page)).includes("vs flash"));
  await without.close();
});

test("columns sort by a click and by keys, and say so", async () => {
  const {page, close} = await opened("two_runs");
  const energy = page.locator("[data-part=comparison] th", {hasText: "energy"});
  await energy.locator("button").click();
  assert.equal(await energy.getAttribute("aria-sort"), "ascending");
  assert.deepEqual(await cells(page, 1), ["ecoformer form=linear", "softmax"]);
  await page.keyboard.press("Enter");
  assert.equal(await energy.getAttribute("aria-sort"), "descending");
  assert.deepEqual(await cells(page, 1), ["softmax", "ecoformer form=linear"]);
  const name = page.locator("[data-part=comparison] th", {hasText: "attention"});
  await name.locator("button").focus();
  await page.keyboard.press("Space");
  assert.deepEqual(await cells(page, 1), ["ecoformer form=linear", "softmax"]);
  assert.equal(await energy.getAttribute("aria-sort"), null);
  const saved = page.locator("[data-part=comparison] th", {hasText: "saved"});
  for (let i = 0; i < 2; ++i) {  // the first of a setting saves nothing that could be sorted
    await saved.locator("button").click();
    assert.equal((await cells(page, 1)).at(-1), "softmax");
  }
  await close();
});

test("doubling every price by its field doubles every energy", async () => {
  for (const name of ["two_runs", "ranges", "two_networks", "two_tables", "both"]) {
    const {page, close} = await opened(name);
    const before = await totals(page);
    for (const input of await page.locator(".price input").all()) {
      await input.fill(String(2 * Number(await input.inputValue())));
    }
    await frame(page);
    assert.deepEqual(await totals(page), before.map((ends) => ends.map((end) => 2 * end)));
    await close();
  }
});

test(
    "each cost table has a section in its own unit, and ranks hide when prices are edited",
    async () => {
      const {page, close} = await opened("two_tables");
      const sections = page.locator("article[data-section]");
      assert.equal(await sections.count(), 2);
      const text = plain(await sections.nth(1).innerText());
      assert.match(text, /1\.00 k units/);
      assert.doesNotMatch(text, /[0-9] [fpnµ]J/);
      const ranks = page.getByRole("heading", {name: "Cost tables compared"});
      assert.equal(await ranks.isVisible(), true);
      await page.locator(".price input").first().fill("1");
      await frame(page);
      assert.equal(await ranks.isVisible(), false);
      await close();
    });

test("tables, charts and sentences follow a price at once, and return", async () => {
  const {page, close} = await opened("two_runs");
  const label = async () =>
      plain(await page.locator("svg[role=img]").first().getAttribute("aria-label"));
  const before = await label();
  assert.equal(await page.locator("#banner p").count(), 0);
  await page.locator("#factor").fill("2");
  await page.locator(".all button").click();
  await frame(page);
  assert.deepEqual(await column(page, "energy"), ["45.3 µJ", "17.7 µJ"]);
  assert.deepEqual(await column(page, "saved"), ["–", "61.0%"]);
  assert.match(await label(), /softmax: 45.3 µJ/);
  assert.match(await page.locator("#banner").innerText(), /8 prices are edited/);
  assert.equal(await page.locator(".priced:visible").count(), 0);
  await page.locator("#banner button").click();
  await frame(page);
  assert.equal(await label(), before);
  await page.getByLabel("exp fp32, in pJ").fill("1840");
  await frame(page);
  assert.match(await label(), /softmax: 142 µJ/);
  assert.match(await page.locator("#banner").innerText(), /1 price is edited/);
  await close();
});

test("what is no price changes nothing and is marked", async () => {
  const {page, close} = await opened("ranges");
  const before = await totals(page);
  const low = page.getByLabel("mac fp32 of dram-45nm, low, in pJ");
  for (const text of ["-1", "", "1e400", "99"]) {  // the last is above the high end
    await low.fill(text);
    await frame(page);
    assert.equal(await low.getAttribute("aria-invalid"), "true", text);
    assert.deepEqual(await totals(page), before);
  }
  await low.fill("0");
  await frame(page);
  assert.equal(await low.getAttribute("aria-invalid"), "false");
  assert.notDeepEqual(await totals(page), before);
  await close();
});

test("the Pareto front follows prices", async () => {
  const {page, close} = await opened("two_runs");
  for (const name of ["add fp32", "compare fp32", "sqrt fp32"]) {
    await page.getByLabel(`${name}, in pJ`).fill("100");
  }
  await frame(page);
  assert.deepEqual(await column(page, "Pareto"), ["front", ""]);
  await close();
});

test(
    "priced memory is shown against compute by level; bytes alone are said to be unpriced",
    async () => {
      const {page, close} = await opened("ranges");
      const charts = await page.locator("figcaption").allInnerTexts();
      assert.ok(charts.includes("Compute against memory, by level"));
      const rows = (await page.locator("[data-part=traffic] tbody tr").allInnerTexts()).map(plain);
      assert.ok(rows.some((row) => /dram.*128–256 µJ/s.test(row)), rows.join("\n"));
      assert.ok(rows.some((row) => /unmodelled.*not priced/s.test(row)));
      assert.ok((await page.locator(".price .name").allInnerTexts()).includes("buffer"));
      await close();
    });

test("energy against tokens marks and tells the crossing", async () => {
  const {page, close} = await opened("three_token_counts");
  assert.match(
      await page.locator(".crossings").innerText(),
      /ecoformer form=linear takes less than softmax from about 50 tokens on \(interpolated\)/);
  assert.equal(await page.locator("circle.ring").count(), 1);
  await close();
});

test("networks show accuracies, errors and the reconciliation, which follows prices", async () => {
  const {page, close} = await opened("two_networks");
  assert.deepEqual(await column(page, "top-1"), ["87.30%", "86.10%"]);
  assert.deepEqual(await column(page, "cosine"), ["–", "0.987654"]);
  const total = page.locator("[data-part=reconciliation] tr.total");
  assert.match(plain(await total.innerText()), /9.26 µJ.*3.48 µJ.*\+5.78 µJ/s);
  await page.getByLabel("mac fp32, in pJ").fill("0");
  await frame(page);
  assert.match(plain(await total.innerText()), /2.36 µJ/);
  await close();
});

test(
    "a table titled <script> shows as text, and nothing of users runs or becomes an element",
    async () => {
      const {page, close} = await opened("script");
      assert.equal(await page.title(), "2 runs compared - Wattention");
      assert.ok((await page.locator("body").innerText())
                    .includes("<script>document.title = 'run'</script>"));
      await close();
      const hostile = await opened("hostile");
      await hostile.page.locator("details").evaluateAll((all) => all.forEach((one) => {
        one.open = true;
      }));
      await frame(hostile.page);
      assert.equal(await hostile.page.locator("img").count(), 0);
      assert.equal(await hostile.page.locator("script").count(), 2);
      assert.ok((await hostile.page.locator("body").innerText()).includes("<img src=x>"));
      await hostile.close();
    });

test("dark pages are dark, with text that stands out; print is light", async () => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\d.]+/g).map((channel) => (Number(channel) / 255) ** 2.2);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (page) => page.evaluate(() => {
    const {color, backgroundColor} = getComputedStyle(document.body);
    return [color, backgroundColor];
  });
  const {page, close} = await opened("two_runs", {colorScheme: "dark"});
  const [ink, paper] = (await contrast(page)).map(luminance);
  assert.ok(paper < 0.02);
  assert.ok((ink + 0.05) / (paper + 0.05) > 10);
  await page.emulateMedia({media: "print"});
  const [printed, sheet] = (await contrast(page)).map(luminance);
  assert.ok(printed < 0.02 && sheet > 0.95);
  assert.equal(await page.locator("#panel").isVisible(), false);
  await close();
});

test("without scripts the page has the tables of the text report", async () => {
  const {page, close} = await opened("two_runs", {javaScriptEnabled: false});
  const text = await page.locator("body").innerText();
  assert.match(text, /Operations and energy/);
  assert.match(text, /8.83 µJ/);
  assert.match(text, /Sources of the prices/);
  assert.doesNotMatch(text, /Where the energy goes/);
  await close();
});
