// Puts the parts of the page in their places, and again whenever a price or the width changes.
"use strict";

/** A relative L2 error above this is no approximation: an output of zeros has an error of 1. */
const most_missed = 0.5;

/**
 * "int8 takes the least energy of those that approximate exact attention here (relative L2 error
 * at most 0.5), 6.7 µJ: 84.1% less than softmax (41.9 µJ), and 83.2% less than flash (39.7 µJ)."
 */
function summary(section) {
  const items = section.items;
  if (items.length === 1) return singleSummary(section, items[0]);
  const settings = new Set(items.map((item) => item.setting));
  if (settings.size > 1 && !section.several_token_counts) {
    return h(
        "p", {class: "lead"},
        `${items.length} runs of ${settings.size} ` +
            `${
                section.what === "runs" ?
                    "sizes" :
                    "networks, inputs"} or cost tables; savings hold within each.`);
  }
  const most = Math.max(...items.map((item) => item.tokens ?? 0));
  const compared = items.filter((item) => (item.tokens ?? 0) === most);
  const cheapest = (some) =>
      some.reduce((a, b) => middle(b.energy.total) < middle(a.energy.total) ? b : a);
  const misses = (item) =>
      !section.accuracies && item.missed !== null && !(item.missed <= most_missed);
  const near = compared.filter((item) => !misses(item));
  const of_all = cheapest(compared);
  const some_miss = near.length > 0 && misses(of_all);
  const best = some_miss ? cheapest(near) : of_all;
  const first = items[best.baseline];
  const lessThan = (saved, other) =>
      [h("strong", {}, savedText(saved)),
       ` less than ${nameOf(section, other)} (${siEnergy(other.energy.total)})`];
  const flash = best.flash === best.baseline ? null : best.saved_to_flash;
  const against = best === first ? ", and no other saves energy against it." : [
    ": ", lessThan(best.saved, first),
    flash === null ? "" : [", and ", lessThan(flash, items[best.flash])], "."
  ];
  const missed = best.missed === null ? "" :
      section.accuracies ? ` Its top-1 accuracy is ${(100 * best.accuracy).toFixed(2)}%.` :
                           ` Its relative L2 error is ${significant(best.missed)}.`;
  const qualified = some_miss ?
      ` of those that approximate exact attention here (relative L2 error at most ${
          most_missed}), ` :
      ", ";
  const cheaper = some_miss ?
      ` ${nameOf(section, of_all)} takes less (${siEnergy(of_all.energy.total)}), but does not ` +
          `approximate it: its relative L2 error is ${significant(of_all.missed)}.` :
      "";
  return h(
      "p", {class: "lead"}, section.several_token_counts ? `At ${most} tokens, ` : "",
      h("strong", {}, nameOf(section, best)), " takes the least energy", qualified,
      h("strong", {}, siEnergy(best.energy.total)), against, missed, cheaper);
}

/** Without the tokens, where the sentence says them. */
const nameOf = (section, item) => section.several_token_counts ? item.curve.label : item.label;

function singleSummary(section, item) {
  const largest =
      item.energy.groups
          .map((energy, place) => ({name: section.groups[place].name, pj: middle(energy)}))
          .reduce((a, b) => b.pj > a.pj ? b : a, {name: "", pj: 0});
  const what = section.what === "runs" ? "phase" : "kind of layer";
  return h(
      "p", {class: "lead"}, h("strong", {}, item.label), " takes ",
      h("strong", {}, siEnergy(item.energy.total)),
      largest.pj > 0 ? `; most of it, ${percent(largest.pj / middle(item.energy.total))}, in the ${
                           what} ${largest.name}.` :
                       ".");
}

/** Every price that an item uses, with the energy that it makes there. */
const pricedParts = (item) =>
    [...item.operations.map(([, price, count]) => [price, priced(price, count)]),
     ...item.traffic.flatMap((line) => line[4].map((part) => [part[0], priced(...part)])),
];

/** Shares of the energy by where prices come from, the Pareto front, and what memory is. */
function figures(section) {
  const kinds = new Map();
  for (const [price, energy] of section.items.flatMap(pricedParts)) {
    const kind = prices[price].kind || "unknown";
    kinds.set(kind, (kinds.get(kind) ?? 0) + middle(energy));
  }
  const all = [...kinds.values()].reduce((a, b) => a + b, 0);
  const order = ["published", "derived", "estimated", "user", ...kinds.keys()];
  const shares = [...kinds]
                     .sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0]))
                     .map(([kind, pj]) => `${percent(pj / all)} ${kind}`);
  const front = section.items.filter((item) => item.onFront).length;
  const compared = section.items.filter((item) => item.missed !== null).length;
  const entries = [["Prices, by share of the energy", shares.join(", ") || "none"]];
  if (compared > 1) entries.push(["On the Pareto front", `${front} of ${compared}`]);
  const policies = [...new Set(section.items.map((item) => item.memory).filter(Boolean))];
  entries.push([
    "Memory",
    policies.length > 0 ? `modelled: ${policies.join("; ")}` :
                          "bytes alone: not priced, and no part of the energies"
  ]);
  return h(
      "dl", {class: "figures"},
      entries.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function charts(section, width) {
  const asShares = new Set(section.items.map((item) => item.setting)).size > 1;
  const bars = (title, styles, energies) =>
      stackedBars({title, width, asShares, bars: barsBy(section, styles, energies)});
  const parts = section.several_token_counts ? [tokensChart({section, width})] : [];
  parts.push(
      bars(
          section.what === "runs" ? "Energy by phase" : "Energy by kind of layer", section.groups,
          (item, place) => item.energy.groups[place]),
      bars(
          "Energy by kind of operation", section.kinds,
          (item, place, style) => item.energy.kinds[style.name]));
  if (section.items.some((item) => item.energy.memory[1] > 0)) {
    const levels = [{name: "compute", colour: "#0072B2", hatch: ""}, ...section.levels];
    parts.push(bars(
        "Compute against memory, by level", levels,
        (item, place) => place === 0 ? item.energy.compute : item.energy.levels[place - 1]));
  }
  if (section.items.filter((item) => item.missed !== null).length > 1) {
    parts.push(errorChart({section, width}));
  }
  return parts;
}

/** Each item's operations, behind its name; open where there is one. */
function operations(section) {
  section.open ??= new Set(section.items.length === 1 ? [0] : []);
  return section.items.map((item, i) => {
    const details = h(
        "details", {open: section.open.has(i)}, h("summary", {"data-key": `ops-${i}`}, item.label));
    const fill = () => {
      if (details.open && details.children.length === 1)
        details.append(...operationsTable(section, item).filter(Boolean));
    };
    details.addEventListener("toggle", () => {
      if (details.open)
        section.open.add(i);
      else
        section.open.delete(i);
      fill();
    });
    fill();
    return details;
  });
}

const reconciliations = (section) =>
    section.items.filter((item) => item.reconciliation.length > 0).flatMap(reconciliationTable);

/** Where a part goes; its heading is hidden with it where there is nothing. */
function put(root, name, nodes) {
  const place = root.querySelector(`[data-part="${name}"]`);
  const list = [nodes].flat(Infinity).filter(Boolean);
  place.replaceChildren(...list);
  place.closest("section").hidden = list.length === 0;
}

function render() {
  const focused = document.activeElement?.dataset?.key;
  const edited = prices.some(isEdited);
  document.documentElement.classList.toggle("edited", edited);
  patterns = 0;
  report.sections.forEach((section, i) => {
    const root = document.querySelector(`[data-section="${i}"]`);
    evaluate(section);
    put(root, "summary", [summary(section), figures(section)]);
    put(root, "comparison", comparisonTable(section));
    const place = root.querySelector("[data-part=\"charts\"]");
    const columns = place.clientWidth > 900 ? 2 : 1;
    place.style.setProperty("--columns", columns);
    const width = Math.max(Math.floor((place.clientWidth - 40 * (columns - 1)) / columns), 260);
    put(root, "charts", charts(section, width));
    put(root, "traffic", section.levels.length > 0 ? trafficTable(section) : null);
    put(root, "operations", operations(section));
    put(root, "reconciliation", reconciliations(section));
  });
  put(document, "sources", prices.length > 0 ? sourcesTable() : null);
  document.getElementById("banner").replaceChildren(...editedBanner());
  if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

let waiting = false;

/** Once a frame, however many prices change in it. */
function renderSoon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    render();
  });
}

document.documentElement.classList.add("live");
if (prices.length > 0) {
  const panel = pricePanel(renderSoon);
  document.getElementById("panel").append(panel);
  panel.open = matchMedia("(min-width: 70rem)").matches;
}
render();
let knownWidth = document.body.clientWidth;
new ResizeObserver(() => {
  if (document.body.clientWidth !== knownWidth) renderSoon();
  knownWidth = document.body.clientWidth;
}).observe(document.body);
