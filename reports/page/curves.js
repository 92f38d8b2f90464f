// The chart of energy against tokens on logarithmic axes; rings mark where curves cross.
"use strict";

const dashes = ["", "9 4", "2 3", "9 3 2 3", "12 3 2 3 2 3"];

function tokensChart({section, width}) {
  const curves = curvesOf(section);
  const crossings = allCrossings(curves);
  const points = curves.flatMap((curve) => curve.points);
  const x = logarithmicAxis(points.map((point) => point.tokens));
  const y = logarithmicAxis(
      points.flatMap((point) => [point.pj, ...point.range.slice(0, 2)]).filter((pj) => pj > 0));
  const frame = {x: 64, y: 26, width: width - 72, height: 320};
  const at = ({tokens, pj}) => ({
    x: frame.x + frame.width * x.position(tokens),
    y: frame.y + frame.height * (1 - y.position(pj)),
  });
  const looks =
      curves.map((_, i) => ({
                   stroke: inkOf({colour: section.curve_colours[i % section.curve_colours.length]}),
                   "stroke-width": 2,
                   "stroke-dasharray": dashes[i % dashes.length]
                 }));
  const rings = ringsOf(crossings, at);
  const roomForNames = width >= 480;  // else the legend says them
  const named = [
    ...(roomForNames ?
            curves.map(
                (curve) => ({...at(curve.points.at(-1)), text: shortened(curve.label, 30)})) :
            []),
    ...rings
  ];
  const boxes = labelBoxes(named, frame, curves.map((curve) => curve.points.map(at)));
  const counts = [...new Set(points.map((point) => point.tokens))].sort((a, b) => a - b);
  const children = [
    axesOf({
      frame,
      x,
      y,
      xTitle: "tokens",
      yTitle: "energy",
      xTic: String,
      xTics: counts,
      yTic: (pj) => {
        const [unit, of] = energyUnit(pj, curves[0].unit);
        return `${Number((pj / of).toPrecision(3))} ${unit}`;
      }
    }),
    ...curves.map((curve, i) => curveLine(curve, looks[i], at)),
    ...rings.map(({x: cx, y: cy}) => s("circle", {class: "ring", cx, cy, r: 7})),
    ...named.map((point, i) => labelAt(boxes[i], point.text)),
  ];
  return figure({
    title: "Energy against tokens",
    width,
    height: frame.y + frame.height + 42,
    children,
    label: `Energy against tokens. ${crossingsInWords(crossings).join(" ")}`,
    below: [
      h("ul", {class: "legend"},
        curves.map(
            (curve, i) =>
                h("li", {},
                  s("svg", {class: "line", viewBox: "0 0 28 14", "aria-hidden": "true"},
                    s("path", {d: "M0 7H28", ...looks[i]})),
                  curve.label))),
      h("ul", {class: "crossings"}, crossingsInWords(crossings).map((text) => h("li", {}, text)))
    ]
  });
}

/** Crossings so close that their rings would lie on each other are one. */
function ringsOf(crossings, at) {
  const rings = [];
  for (const crossing of crossings) {
    const place = at(crossing);
    const near = rings.find((ring) => Math.hypot(ring.x - place.x, ring.y - place.y) < 16);
    if (near)
      near.tokens.push(crossing.tokens);
    else
      rings.push({...place, tokens: [crossing.tokens]});
  }
  return rings.map((ring) => {
    const ends =
        [Math.min(...ring.tokens), Math.max(...ring.tokens)].map((count) => count.toFixed(0));
    return {...ring, text: ends[0] === ends[1] ? ends[0] : ends.join("–")};
  });
}

const crossingsInWords = (crossings) => crossings.map(
    (crossing) => `${crossing.after} takes less than ${crossing.before} from about ` +
        `${crossing.tokens.toFixed(0)} tokens on (interpolated), where both take ${
                      siEnergy(crossing.energy)}.`);

function curveLine(curve, look, at) {
  const places = curve.points.map(at);
  const d = places.map((point, i) => `${i === 0 ? "M" : "L"}${point.x} ${point.y}`).join("");
  return s(
      "g", {}, s("title", {}, curve.label), s("path", {d, fill: "none", ...look}),
      curve.points.map(
          (point, i) => s(
              "circle", {cx: places[i].x, cy: places[i].y, r: 3.2, fill: look.stroke},
              s("title", {}, `${curve.label}, ${point.tokens} tokens: ${siEnergy(point.range)}`))));
}
