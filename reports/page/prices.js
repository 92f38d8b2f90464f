// The what-if panel: every price of the report as a field, and the table of where prices come from.
"use strict";

const severalTables = new Set(prices.map((price) => price.table)).size > 1;

const unitOf = (tableUnit) => tableUnit === "relative" ? "units" : "pJ";
const widthOf = (price) =>
    price.access_bits % 8 === 0 ? `${price.access_bits / 8} B` : `${price.access_bits} bit`;
const priceUnit = (price) =>
    unitOf(price.unit) + (price.access_bits > 0 ? ` an access of ${widthOf(price)}` : "");

/** The panel; `changed` is called whenever a price is another. */
function pricePanel(changed) {
  const fields = [];
  const groups = new Map();
  prices.forEach((price) => {
    const title = (severalTables ? `${price.table}: ` : "") +
        (price.access_bits > 0 ? "memory" : "operations");
    if (!groups.has(title)) groups.set(title, []);
    groups.get(title).push(priceRow(price, fields, changed));
  });
  const show = () => fields.forEach((field) => field.show());
  const setAll = (of) => {
    prices.forEach((price) => {
      price.now = of(price);
    });
    show();
    changed();
  };
  const factor =
      h("input", {id: "factor", type: "number", min: "0", step: "any", value: "2", required: true});
  return h(
      "details", {class: "panel", id: "what-if"}, h("summary", {}, "What if? Prices to edit"),
      h("p", {class: "note"},
        "Every energy on this page is a count times a price. Change a price: tables and charts follow."),
      [...groups].map(([title, rows]) => h("fieldset", {}, h("legend", {}, title), rows)),
      h("form", {
        class: "all",
        onsubmit: (event) => {
          event.preventDefault();
          const times = factor.valueAsNumber;
          setAll((price) => price.now.map((end) => end * times));
        }
      },
        h("label",
          {for: "factor"
          },
          "all prices ×"),
        factor, h("button", {type: "submit"}, "Multiply")),
      h("button", {type: "button", class: "reset", onclick: () => setAll((price) => [...price.pj])},
        "Reset to the report's prices"));
}

/**
 * One field, or two for a range; both must be numbers from 0 on, the low end not above the high.
 */
function priceRow(price, fields, changed) {
  const exact = price.pj[0] === price.pj[1];
  const name = severalTables ? `${price.name} of ${price.table}` : price.name;
  const row = h("div", {class: "price"});
  const inputs =
      (exact ? [""] : [", low", ", high"]).map((end) => h("input", {
                                                 type: "number",
                                                 min: "0",
                                                 step: "any",
                                                 required: true,
                                                 oninput: () => read(),
                                                 "aria-label":
                                                     `${name}${end}, in ${priceUnit(price)}`
                                               }));
  const mark = (valid) => {
    inputs.forEach((input) => input.setAttribute("aria-invalid", String(!valid)));
    row.classList.toggle("edited", isEdited(price));
  };
  const read = () => {
    const ends = [inputs[0], inputs.at(-1)].map((input) => input.valueAsNumber);
    const valid = ends.every((end) => end >= 0 && end < Infinity) && ends[0] <= ends[1];
    if (valid) price.now = ends;
    mark(valid);
    if (valid) changed();
  };
  const show = () => {
    inputs.forEach((input, i) => {
      input.value = price.now[i];
    });
    mark(true);
  };
  show();
  fields.push({show});
  row.append(
      h("span", {class: "name"}, price.name), h("span", {class: "ends"}, inputs),
      h("span", {class: "unit"},
        unitOf(price.unit) + (price.access_bits > 0 ? `/${widthOf(price)}` : "")),
      h("span", {class: "kind"}, price.kind));
  return row;
}

/** Says that energies are no longer the report's, with a way back. */
function editedBanner() {
  const edited = prices.filter(isEdited).length;
  return edited === 0 ?
      [] :
      [h("p", {}, h("strong", {}, "What if: "),
         `${
             plural(
                 edited, "price is",
                 "prices are")} edited. Energies on this page are no longer those of the report. `,
         h("button", {type: "button", onclick: () => document.querySelector(".reset").click()},
           "Reset"))];
}

/** For each price, the share that rests on it of the energy of all items under its table. */
function sharesOfPrices() {
  const resting = prices.map(() => 0);
  const totals = {};
  for (const item of report.sections.flatMap((section) => section.items)) {
    totals[item.table] = (totals[item.table] ?? 0) + middle(item.energy.total);
    for (const [price, energy] of pricedParts(item)) resting[price] += middle(energy);
  }
  return resting.map((pj, place) => pj / totals[prices[place].table]);
}

function sourcesTable() {
  const shares = sharesOfPrices();
  const shareOf = new Map(prices.map((price, place) => [price, shares[place]]));
  const columns = [
    {title: "price", cell: (price) => price.name},
    {title: "value", number: true, cell: (price) => `${rangeText(price.pj)} ${priceUnit(price)}`},
    {
      title: "what if",
      number: true,
      cell: (price) => isEdited(price) ?
          `${rangeText(price.now.map((end) => Number(end.toPrecision(6))))} ${priceUnit(price)}` :
          "",
      only: () => prices.some(isEdited)
    },
    {title: "of the energy", number: true, cell: (price) => percent(shareOf.get(price))},
    {title: "kind", cell: (price) => price.kind},
    {title: "source", wide: true, cell: (price) => price.source || "–"},
    {title: "table", cell: (price) => price.table, only: () => severalTables},
  ];
  return plainTable({
    caption: "Prices and their sources",
    unseen: true,
    rows: prices,
    columns: columns.filter((column) => !column.only || column.only())
  });
}
