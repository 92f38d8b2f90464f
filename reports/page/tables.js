// Tables: those that sort by a click or a key on a column's title, and the plain ones.
"use strict";

/**
 * `columns` are {title, help, number, cell(row), sortBy(row)}; a cell is text or nodes. `state` is
 * {column, descending} and survives a rebuild.
 */
function sortableTable({caption, columns, rows, state}) {
  const body = h("tbody");
  const titles = columns.map(
      (column, i) =>
          h("th", {scope: "col", class: kindOf(column)},
            h("button", {
              type: "button",
              title: column.help,
              "data-key": `${caption}-${i}`,
              onclick: () => sortBy(i)
            },
              column.title)));
  const sortBy = (i) => {
    state.descending = state.column === i && !state.descending;
    state.column = i;
    fill();
  };
  const fill = () => {
    titles.forEach((title, i) => {
      if (i === state.column)
        title.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
      else
        title.removeAttribute("aria-sort");
    });
    body.replaceChildren(
        ...sorted(rows, columns[state.column], state.descending).map((row) => rowOf(columns, row)));
  };
  fill();
  return scrolling(
      caption,
      h("table", {class: "sortable"}, h("caption", {class: "unseen"}, caption),
        h("thead", {}, h("tr", {}, titles)), body));
}

/** By numbers or by text; what has none comes last. */
function sorted(rows, column, descending) {
  if (!column) return rows;
  const sign = descending ? -1 : 1;
  const absent = (key) => key === null || key === undefined || Number.isNaN(key);
  return rows.map((row) => ({row, key: column.sortBy(row)}))
      .sort((a, b) => {
        if (absent(a.key) || absent(b.key)) return absent(a.key) - absent(b.key);
        return sign * (typeof a.key === "string" ? a.key.localeCompare(b.key) : a.key - b.key);
      })
      .map(({row}) => row);
}

const kindOf = (column) => column.number ? "number" : column.wide ? "wide" : null;

const rowOf = (columns, row) =>
    h("tr", {class: row.className},
      columns.map(
          (column, i) => i === 0 ? h("th", {scope: "row"}, column.cell(row)) :
                                   h("td", {class: kindOf(column)}, column.cell(row))));

/** With its caption above, out of the box that scrolls, where no heading says the same. */
function plainTable({caption, columns, rows, unseen}) {
  return [
    unseen ? null : h("p", {class: "note"}, caption),
    scrolling(
        caption,
        h("table", {}, h("caption", {class: "unseen"}, caption),
          h("thead", {},
            h("tr", {},
              columns.map(
                  (column) => h("th", {scope: "col", class: kindOf(column)}, column.title)))),
          h("tbody", {}, rows.map((row) => rowOf(columns, row)))))
  ];
}

/** A wide table scrolls in its own box, by keys too. */
const scrolling = (caption, table) =>
    h("div", {class: "scroll", role: "region", tabindex: "0", "aria-label": caption}, table);
