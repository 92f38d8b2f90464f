// Stacked bars, one an item, each under its label; segments bear their names where these fit.
// Items of several settings are no lengths to compare: then every bar is as long, and shows shares.
"use strict";

const mostBars = 40;

/**
 * `parts` of a bar are {name, pj, style} from the left; a whisker spans a range.
 * `bars` are {label, total: [low, high], parts}.
 */
function stackedBars({title, bars, width, asShares}) {
  const shown = bars.slice(0, mostBars);
  const largest = Math.max(...shown.map((bar) => bar.total[1]), Number.MIN_VALUE);
  const scaleOf = (bar) => (pj) => pj / (asShares ? middle(bar.total) || 1 : largest) * (width - 2);
  const pitch = 50;
  const children = [];
  shown.forEach((bar, row) => {
    const y = row * pitch;
    const total = siEnergy(bar.total);
    const room = Math.floor(width / letterWidth) - total.length - 3;
    children.push(
        s("text", {x: 0, y: y + 14, class: "bar-label"}, shortened(bar.label, room)),
        s("text", {x: width, y: y + 14, class: "bar-total", "text-anchor": "end"}, total));
    const scale = scaleOf(bar);
    let x = 0;
    for (const part of bar.parts) {
      const length = scale(part.pj);
      if (!(length > 0)) continue;
      children.push(segment(part, x, y + 20, length, part.pj / middle(bar.total)));
      x += length;
    }
    if (bar.total[0] !== bar.total[1] && !asShares) {
      children.push(whisker(scale(bar.total[0]), scale(bar.total[1]), y + 46.5));
    }
  });
  const label = `${title}. ${shown.map(inWords).join(" ")}`;
  const notes = [
    asShares ? "Shares of each total: settings differ." : "",
    bars.length > mostBars ? `The first ${mostBars} of ${bars.length}.` : ""
  ].filter(Boolean);
  return figure({
    title,
    label,
    width,
    height: shown.length * pitch,
    children,
    below: legend(shown),
    note: notes.join(" ")
  });
}

function segment(part, x, y, length, share) {
  const {fill, defs} = fillOf(part.style);
  const fits = part.name.length * letterWidth + 8 < length;
  const text = fits ? s("text", {
    x: x + length / 2,
    y: y + 15.5,
    "text-anchor": "middle",
    class: part.style.hatch ? "on-hatch" :
        isDark(part.style)  ? inkClass(part.style) :
                              "on-light"
  },
                        part.name) :
                      null;
  return s(
      "g", {},
      s("title", {}, `${part.name}: ${siEnergy([part.pj, part.pj, part.unit])}, ${percent(share)}`),
      defs, s("rect", {
        x,
        y,
        width: Math.max(length - 1, 0.6),
        height: 22,
        fill,
        stroke: part.style.hatch ? inkOf(part.style) : "none"
      }),
      text);
}

const inkClass = (style) => style.colour === "#000000" ? "on-ink" : "on-dark";

function whisker(from, to, y) {
  return s(
      "path", {class: "whisker", d: `M${from} ${y}H${to}M${from} ${y - 3}v6M${to} ${y - 3}v6`});
}

function inWords(bar) {
  const parts = bar.parts.filter((part) => part.pj > 0)
                    .map((part) => `${part.name} ${percent(part.pj / middle(bar.total))}`);
  return `${bar.label}: ${siEnergy(bar.total)}, of it ${parts.join(", ") || "nothing"}.`;
}

/** Each part that any bar has; all bars list the same parts. */
function legend(bars) {
  return h(
      "ul", {class: "legend"},
      bars[0]
          .parts.filter((part, i) => bars.some((bar) => bar.parts[i].pj > 0))
          .map(({name, style}) => h("li", {}, swatch(style), name)));
}

const shortened = (text, letters) =>
    text.length <= letters ? text : `${text.slice(0, Math.max(letters - 1, 1))}…`;

/** Bars of a section by the styles in `styles`, with the energies that `energies` finds. */
function barsBy(section, styles, energies) {
  const order = styles.map((style, place) => ({style, place}))
                    .sort((a, b) => (a.style.place ?? a.place) - (b.style.place ?? b.place));
  return section.items.map((item) => ({
                             label: item.label,
                             total: item.energy.total,
                             parts: order.map(({style, place}) => ({
                                                name: style.name,
                                                style,
                                                pj: middle(energies(item, place, style) ?? [0, 0]),
                                                unit: item.energy.total[2]
                                              })),
                           }));
}
