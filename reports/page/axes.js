// Axes of the charts of points and curves, and where labels go so that none covers another.
"use strict";

/** From `begin` to `end`, logarithmic or not; values at or below 0 are drawn at the beginning. */
function axis(begin, end, logarithmic) {
  const position = (value) => {
    const inside = Math.min(Math.max(value, begin), end);
    return logarithmic ? Math.log(inside / begin) / Math.log(end / begin) :
                         (inside - begin) / (end - begin);
  };
  return {
    begin,
    end,
    logarithmic,
    position,
    tics: logarithmic ? decades(begin, end) : steps(begin, end)
  };
}

/** Around the values: logarithmic where the largest is more than 20 times the smallest. */
function axisAround(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low > 0 && high / low > 20) return logarithmicAxis(values);
  const pad = Math.max(0.08 * (high - low), 0.02 * high) || 1;
  return axis(Math.max(low - pad, 0), high + pad, false);
}

function logarithmicAxis(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = Math.max((high / low) ** 0.07, 1.15);
  return axis(low / pad, high * pad, true);
}

/** From below 0 on; logarithmic where the largest is far above the median of those above 0. */
function axisFromZero(values) {
  const positive = values.filter((value) => value > 0).sort((a, b) => a - b);
  const high = positive.at(-1) ?? 1;
  const median = positive[(positive.length - 1) >> 1] ?? 1;
  if (high / median <= 20) return axis(-0.06 * high, 1.08 * high, false);
  const floor = 10 ** Math.floor(Math.log10(Math.max(positive[0], 1e-8 * high)));
  return {
    ...logarithmicAxis([floor, high]),
    floor: values.some((value) => value < floor) ? floor : 0
  };
}

function steps(begin, end) {
  const rough = (end - begin) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= rough);
  const tics = [];
  for (let i = Math.ceil(begin / step); i * step <= end; ++i)
    tics.push(Number((i * step).toPrecision(12)));
  return tics;
}

function decades(begin, end) {
  const [first, last] = [Math.floor(Math.log10(begin)), Math.ceil(Math.log10(end))];
  const step = Math.floor((last - first) / 10) + 1;
  const digits = last - first > 3 ? [1] : [1, 2, 5];
  const tics = [];
  for (let decade = first; decade <= last; decade += step) {
    for (const digit of digits) {
      const value = Number(`${digit}e${decade}`);
      if (value >= begin && value <= end) tics.push(value);
    }
  }
  return tics;
}

/** The lines of both axes in `frame`, with tics, grid and titles. */
function axesOf({frame, x, y, xTitle, yTitle, xTic, yTic, xTics}) {
  const bottom = frame.y + frame.height;
  const parts = [];
  let free = -Infinity;
  for (const value of xTics ?? x.tics) {
    const at = frame.x + frame.width * x.position(value);
    const text = xTic(value);
    const half = text.length * letterWidth / 2 + 4;
    if (at - half < free) continue;
    free = at + half;
    parts.push(
        s("path", {class: "grid", d: `M${at} ${frame.y}V${bottom}`}),
        s("text", {class: "tic", x: at, y: bottom + 16, "text-anchor": "middle"}, text));
  }
  for (const value of y.tics) {
    const at = bottom - frame.height * y.position(value);
    parts.push(
        s("path", {class: "grid", d: `M${frame.x} ${at}H${frame.x + frame.width}`}),
        s("text", {class: "tic", x: frame.x - 6, y: at + 4, "text-anchor": "end"}, yTic(value)));
  }
  parts.push(
      s("path", {class: "axis", d: `M${frame.x} ${frame.y}V${bottom}H${frame.x + frame.width}`}),
      s("text", {
        class: "axis-title",
        x: frame.x + frame.width / 2,
        y: bottom + 36,
        "text-anchor": "middle"
      },
        xTitle),
      s("text", {class: "axis-title", x: 0, y: 12}, yTitle));
  return parts;
}

const overlap = (a, b) => Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
    Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));

/** Small boxes along a line through points, for labels to keep off. */
function beadsOn(line) {
  return line.slice(1).flatMap((to, i) => {
    const from = line[i];
    const count = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 5);
    return Array.from({length: count}, (_, k) => ({
                                         x: from.x + (to.x - from.x) * k / count - 1.5,
                                         y: from.y + (to.y - from.y) * k / count - 1.5,
                                         width: 3,
                                         height: 3
                                       }));
  });
}

/** A box for each {x, y, text}: the place around its point where it covers the least. */
function labelBoxes(points, bounds, lines) {
  const taken = [
    ...points.map(({x, y}) => ({x: x - 6, y: y - 6, width: 12, height: 12})),
    ...lines.flatMap(beadsOn)
  ];
  return points.map(({x, y, text}, index) => {
    const [width, height] = [text.length * letterWidth + 4, 15];
    const places = [];
    for (const away of [11, 22, 36]) {
      places.push(
          [x + away, y - height / 2], [x - away - width, y - height / 2],
          [x - width / 2, y - away - height], [x - width / 2, y + away],
          [x + away * 0.7, y - away * 0.7 - height], [x + away * 0.7, y + away * 0.7],
          [x - away * 0.7 - width, y - away * 0.7 - height],
          [x - away * 0.7 - width, y + away * 0.7]);
    }
    const cost = (box) => {
      const inside = overlap(box, bounds);
      const covered =
          taken.reduce((all, other, i) => all + (i === index ? 0 : overlap(box, other)), 0);
      return covered + 4 * (box.width * box.height - inside);
    };
    const boxes = places.map(([left, top]) => ({x: left, y: top, width, height}));
    const best = boxes.reduce((a, b) => cost(b) < cost(a) ? b : a);
    taken.push(best);
    return best;
  });
}

const labelAt = (box, text) => s(
    "text",
    {class: "point-label", x: box.x + box.width / 2, y: box.y + 12, "text-anchor": "middle"}, text);
