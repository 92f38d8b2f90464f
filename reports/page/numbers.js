// Numbers for people: three significant digits and a prefix, as reports/wording/numbers.cpp writes
// them. Energies are [low, high, unit]: picojoules, or units that are no joules where the cost
// table is "relative".
"use strict";

const energyUnits = [
  ["fJ", 1e-3], ["pJ", 1], ["nJ", 1e3], ["µJ", 1e6], ["mJ", 1e9], ["J", 1e12], ["kJ", 1e15],
  ["MJ", 1e18]
];
const relativeUnits = [
  ["units", 1], ["k units", 1e3], ["M units", 1e6], ["G units", 1e9], ["T units", 1e12],
  ["P units", 1e15], ["E units", 1e18]
];
const space = "\u00a0";       // that no line breaks at
const tooManyDigits = 999.5;  // from here on three digits would round to 1000

/** The unit in which `pj` reads as a number from 1 to 999: [name, picojoules]. */
function energyUnit(pj, tableUnit) {
  const [units, one] = tableUnit === "relative" ? [relativeUnits, 0] : [energyUnits, 1];
  if (pj === 0 || !Number.isFinite(pj)) return units[one];
  return units.find((unit) => pj / unit[1] < tooManyDigits) ?? units.at(-1);
}

function threeDigits(value) {
  if (value === 0) return "0";
  if (!Number.isFinite(value) || value < 1e-4 || value >= 1e6) return value.toExponential(2);
  const before = Math.floor(Math.log10(value / 0.9995)) + 1;
  return value.toFixed(Math.max(0, 3 - before));
}

function scaled(value, step, prefixes) {
  let prefix = 0;
  while (value >= tooManyDigits && prefix + 1 < prefixes.length) {
    value /= step;
    ++prefix;
  }
  return `${threeDigits(value)}${space}${prefixes[prefix]}`;
}

const siCount = (count) =>
    count < 10000 ? String(count) : scaled(count / 1e3, 1e3, ["k", "M", "G", "T", "P", "E"]);

const iecBytes = (bytes) => bytes < 1024 ?
    `${bytes} B` :
    scaled(bytes / 1024, 1024, ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]);

const siSeconds = (seconds) => scaled(seconds * 1e9, 1e3, ["ns", "µs", "ms", "s"]);

function siEnergy([low, high, tableUnit]) {
  const [name, pj] = energyUnit(high, tableUnit);
  const ends = [threeDigits(low / pj), threeDigits(high / pj)];
  return `${ends[0] === ends[1] ? ends[0] : ends.join("–")}${space}${name}`;
}

function percent(share) {
  if (!Number.isFinite(share)) return "–";
  if (share > 0 && share < 0.0005) return "<0.1%";
  return minus(`${(100 * share).toFixed(Math.abs(share) <= 1 ? 1 : 0)}%`);
}

/** With a minus sign for a hyphen. */
const minus = (text) => text.replace(/^-/, "−");

const significant = (value) => minus(String(Number(value.toPrecision(3))));

const middle = ([low, high]) => low === high ? low : 0.5 * low + 0.5 * high;
const sum = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] ?? b[2]];
const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;
