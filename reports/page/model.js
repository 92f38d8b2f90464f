// The report's amounts and prices, and what follows from them: energy = amount x price.
//
// `prices[i].now` is what a reader made of `prices[i].pj`; everything below is computed from it.
"use strict";

const report = JSON.parse(document.getElementById("report-data").textContent);
const prices = report.prices.map((price) => ({...price, now: [...price.pj]}));

const isEdited = (price) => price.now[0] !== price.pj[0] || price.now[1] !== price.pj[1];

function priced(price, count) {
  return [...prices[price].now.map((end) => count * end), prices[price].unit];
}

/** Adds to the entry of a list that starts with zeros. */
function addEnergy(list, place, energy) {
  list[place] = sum(list[place] ?? [0, 0], energy);
}

/** Energies of an item: total, compute, memory, and by group, kind of operation and level. */
function energiesOf(item) {
  const result = {compute: [0, 0], memory: [0, 0], groups: [], kinds: {}, levels: []};
  for (const [group, price, count] of item.operations) {
    const energy = priced(price, count);
    result.compute = sum(result.compute, energy);
    addEnergy(result.groups, group, energy);
    addEnergy(result.kinds, prices[price].op_kind, energy);
  }
  for (const [group, level, , , parts] of item.traffic) {
    for (const part of parts) {
      const energy = priced(...part);
      result.memory = sum(result.memory, energy);
      addEnergy(result.groups, group, energy);
      addEnergy(result.kinds, "memory", energy);
      addEnergy(result.levels, level, energy);
    }
  }
  result.total = sum(result.compute, result.memory);
  return result;
}

/**
 * The share of the energy of another item that an item does without, at both ends; null where there
 * is no other, or it is the item itself.
 */
function savedOf(section, index, baseline) {
  if (baseline === undefined || baseline === index) return null;
  const [run, first] = [section.items[index].energy.total, section.items[baseline].energy.total];
  const ends = [1 - run[0] / first[0], 1 - run[1] / first[1]];
  return [Math.min(...ends), Math.max(...ends)];
}

/** What error stands beside energy: relative L2, or of networks with accuracies what is missed. */
function errorOf(section, item) {
  if (section.accuracies) return item.accuracy === undefined ? null : 1 - item.accuracy;
  return item.error?.relative_l2 ?? null;
}

/** On the front is what no other item of the setting beats in energy and error (pareto.hpp). */
function isOnFront(section, item) {
  if (item.missed === null) return false;
  const energy = middle(item.energy.total);
  return !section.items.some((other) => {
    if (other.setting !== item.setting || other.missed === null) return false;
    const others = middle(other.energy.total);
    return others <= energy && other.missed <= item.missed &&
        (others < energy || other.missed < item.missed);
  });
}

function evaluate(section) {
  section.accuracies = section.items.filter((item) => item.accuracy !== undefined).length > 1;
  for (const item of section.items) {
    item.energy = energiesOf(item);
    item.missed = errorOf(section, item);
  }
  section.items.forEach((item, index) => {
    item.saved = savedOf(section, index, item.baseline);
    item.saved_to_flash = savedOf(section, index, item.flash);
    item.onFront = isOnFront(section, item);
  });
}

/** Energy over tokens: one curve for each label and setting (crossover.hpp). */
function curvesOf(section) {
  const curves = [];
  for (const item of section.items) {
    const pj = middle(item.energy.total);
    if (!(pj > 0) || item.tokens === 0) continue;
    let curve = curves.find(
        (known) => known.label === item.curve.label && known.setting === item.curve.setting);
    if (!curve) curves.push(curve = {...item.curve, unit: item.energy.total[2], points: []});
    if (!curve.points.some((point) => point.tokens === item.tokens)) {
      curve.points.push({tokens: item.tokens, pj, range: item.energy.total});
    }
  }
  for (const curve of curves) curve.points.sort((a, b) => a.tokens - b.tokens);
  return curves;
}

/** Where two curves cross, between token counts that both have, linear in logarithms. */
function crossingsOf(a, b) {
  const found = [];
  let last = null;
  let equal = null;
  for (const {tokens, pj} of a.points) {
    const other = b.points.find((point) => point.tokens === tokens);
    if (!other) continue;
    const point = {tokens, pj, difference: Math.log(pj / other.pj)};
    if (point.difference === 0) {
      equal ??= point;
      continue;
    }
    if (last && last.difference < 0 !== point.difference < 0) {
      const share = last.difference / (last.difference - point.difference);
      const between = (from, to) => from * (to / from) ** share;
      const at =
          equal ?? {tokens: between(last.tokens, point.tokens), pj: between(last.pj, point.pj)};
      const [before, after] = point.difference > 0 ? [a, b] : [b, a];
      found.push({
        tokens: at.tokens,
        energy: [at.pj, at.pj, a.unit],
        pj: at.pj,
        before: before.label,
        after: after.label
      });
    }
    last = point;
    equal = null;
  }
  return found;
}

function allCrossings(curves) {
  return curves.flatMap(
      (a, i) =>
          curves.slice(i + 1).flatMap((b) => a.setting === b.setting ? crossingsOf(a, b) : []));
}

/** An item of a reconciliation: executed and paper energies. */
function reconciled(item, entry) {
  const executed = entry.executed.reduce((all, part) => sum(all, priced(...part)), [0, 0]);
  const priceOf = (name) =>
      prices.findIndex((price) => price.table === item.table && price.name === name);
  const places = [priceOf("mul fp32"), priceOf("add fp32")];
  const known = places.every((place, i) => place >= 0 || entry.paper[i] === 0);
  const paper = !known ?
      [...entry.paper_pj, executed[2]] :
      entry.paper.reduce(
          (all, count, i) => count === 0 ? all : sum(all, priced(places[i], count)), [0, 0]);
  return {executed, paper};
}
