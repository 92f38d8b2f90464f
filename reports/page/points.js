// The chart of error against energy, with the Pareto front as a step line: filled points are on it.
"use strict";

function errorChart({section, width}) {
  const items = section.items.filter((item) => item.missed !== null);
  const [unit, pj] =
      energyUnit(Math.max(...items.map((item) => item.energy.total[1])), items[0]?.energy.total[2]);
  const x = axisAround(items.flatMap((item) => item.energy.total.slice(0, 2))
                           .filter((end) => end > 0)
                           .map((end) => end / pj));
  const y = axisFromZero(items.map((item) => item.missed));
  const frame = {x: 52, y: 26, width: width - 60, height: 260};
  const at = (item) => ({
    x: frame.x + frame.width * x.position(middle(item.energy.total) / pj),
    y: frame.y + frame.height * (1 - y.position(item.missed)),
  });
  const error = section.accuracies ? "top-1 error, share of images" :
      section.what === "runs"      ? "error, relative L2" :
                                     "error of the output, relative L2";
  const letters = Math.floor(width / (2.2 * letterWidth));
  const points = items.map((item) => ({...at(item), text: shortened(item.label, letters)}));
  const boxes = labelBoxes(points, frame, frontLines(items, at));
  const children = [
    axesOf({
      frame,
      x,
      y,
      xTitle: `energy, ${unit}`,
      yTitle: y.floor ? `${error}; below ${y.floor} drawn at ${y.floor}` : error,
      xTic: significant,
      yTic: significant
    }),
    ...frontLines(items, at).map(
        (line) => s("path", {
          class: "front",
          d: line.map((point, i) => `${i === 0 ? "M" : "L"}${point.x} ${point.y}`).join("")
        })),
    ...items.map((item) => energyWhisker(item, at(item).y, frame, x, pj)),
    ...items.map(
        (item, i) =>
            s("g", {},
              s("title", {},
                `${item.label}: ${siEnergy(item.energy.total)}, error ${significant(item.missed)}`),
              s("circle", {
                cx: points[i].x,
                cy: points[i].y,
                r: 5,
                class: item.onFront ? "on-front" : "off-front"
              }))),
    ...items.map((item, i) => labelAt(boxes[i], points[i].text)),
  ];
  const words = items.map(
      (item) => `${item.label}: ${siEnergy(item.energy.total)}, ` +
          `${significant(item.missed)}${item.onFront ? ", on the Pareto front" : ""}.`);
  const absent = section.items.length - items.length;
  return figure({
    title: section.accuracies ? "Accuracy against energy" : "Error against energy",
    label: `${error} against energy. ${words.join(" ")}`,
    width,
    height: frame.y + frame.height + 42,
    children,
    note: absent > 0 ? `Without an error, and left out: ${absent}.` : null,
    below:
        h("ul", {class: "legend"},
          h("li", {}, dot("on-front"),
            "on the Pareto front: nothing takes less energy at no more error"),
          h("li", {}, dot("off-front"), "not on it"))
  });
}

const dot = (kind) =>
    s("svg", {class: "swatch", viewBox: "0 0 14 14", "aria-hidden": "true"},
      s("circle", {cx: 7, cy: 7, r: 5, class: kind}));

/** The corners of a step line for each setting, from the least energy to the most. */
function frontLines(items, at) {
  const settings = new Set(items.map((item) => item.setting));
  return [...settings].map((setting) => {
    const front = items.filter((item) => item.onFront && item.setting === setting)
                      .map(at)
                      .sort((a, b) => a.x - b.x);
    return front.flatMap(
        (point, i) => i === 0 ? [point] : [{x: point.x, y: front[i - 1].y}, point]);
  });
}

function energyWhisker(item, y, frame, x, pj) {
  const [low, high] = item.energy.total;
  if (low === high) return null;
  const ends = [low, high].map((end) => frame.x + frame.width * x.position(end / pj));
  return whisker(ends[0], ends[1], y);
}
