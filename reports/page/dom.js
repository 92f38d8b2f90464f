// Elements. Text only ever becomes text nodes and attributes, never markup.
"use strict";

function addTo(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on"))
      element.addEventListener(name.slice(2), value);
    else
      element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
      ...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** An element of HTML. Attributes "onclick" and the like are listeners. */
const h = (tag, attributes = {}, ...children) =>
    addTo(document.createElement(tag), attributes, children);

/** An element of SVG. */
const s = (tag, attributes = {}, ...children) =>
    addTo(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

/** A chart with its heading, and what it says in words for those who cannot see it. */
function figure({title, label, width, height, children, below, note}) {
  return h(
      "figure", {class: "chart"}, h("figcaption", {}, title),
      note ? h("p", {class: "note"}, note) : null,
      s("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label},
        s("title", {}, label), children),
      below);
}

const letterWidth = 6.6;  // of the charts' text, 12 px

/** The colour of a style; black is the page's ink, which is light on a dark page. */
const inkOf = (style) => style.colour === "#000000" ? "var(--ink)" : style.colour;

/** Whether white text is read best on it, as reports/plots/palette.cpp decides. */
function isDark(style) {
  if (style.hatch) return false;
  const channel = (at) => parseInt(style.colour.slice(at, at + 2), 16) / 255;
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) < 0.4;
}

let patterns = 0;

/** What fills a shape of this style: {fill, defs}. */
function fillOf(style) {
  if (!style.hatch) return {fill: inkOf(style), defs: null};
  const id = `hatch-${++patterns}`;
  const lines = {
    rising: "M0 6L6 0",
    falling: "M0 0L6 6",
    crossed: "M0 6L6 0M0 0L6 6",
    dense: "M0 6L6 0M0 3L3 0M3 6L6 3"
  }[style.hatch];
  return {
    fill: `url(#${id})`,
    defs:
        s("pattern", {id, width: 6, height: 6, patternUnits: "userSpaceOnUse"},
          s("rect", {width: 6, height: 6, fill: "var(--paper)"}),
          s("path", {d: lines, stroke: inkOf(style), "stroke-width": 1.4, fill: "none"})),
  };
}

function swatch(style) {
  const {fill, defs} = fillOf(style);
  return s(
      "svg", {class: "swatch", viewBox: "0 0 14 14", "aria-hidden": "true"}, defs,
      s("rect", {x: 0.5, y: 0.5, width: 13, height: 13, fill, stroke: inkOf(style)}));
}
