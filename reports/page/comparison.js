// The table of all runs or networks, which sorts.
"use strict";

const savedText = (saved) => saved === null ? "–" :
    percent(saved[0]) === percent(saved[1]) ? percent(saved[0]) :
                                              `${percent(saved[0])} to ${percent(saved[1])}`;

/** Columns of all runs or networks; without those that are empty for all. */
function comparisonColumns(section) {
  const total = (title, key, help) => ({
    title,
    help,
    number: true,
    cell: (item) => siCount(item.totals[key]),
    sortBy: (item) => item.totals[key]
  });
  const error = (title, key, digits) => ({
    title,
    number: true,
    optional: true,
    help: section.what === "runs" ? "against exact softmax attention" :
                                    "against the network's own attention",
    cell: (item) => item.error ? digits(item.error[key]) : "–",
    sortBy: (item) => item.error?.[key]
  });
  const columns = [
    {
      title: section.what === "runs" ? "attention" : "network",
      cell: (item) => item.label,
      sortBy: (item) => item.label
    },
    {
      title: "energy",
      number: true,
      cell: (item) => siEnergy(item.energy.total),
      sortBy: (item) => middle(item.energy.total)
    },
    {
      title: "saved",
      number: true,
      optional: true,
      help: "energy against the first of the same setting",
      cell: (item) => savedText(item.saved),
      sortBy: (item) => item.saved && middle(item.saved)
    },
    {
      title: "vs flash",
      number: true,
      optional: true,
      help: "energy saved against flash, which is softmax that writes no scores",
      cell: (item) => savedText(item.saved_to_flash),
      sortBy: (item) => item.saved_to_flash && middle(item.saved_to_flash)
    },
    {
      title: "memory",
      number: true,
      optional: true,
      help: "its part of the energy",
      cell: (item) => item.energy.memory[1] > 0 ? siEnergy(item.energy.memory) : "–",
      sortBy: (item) => middle(item.energy.memory) || null
    },
    {
      title: "top-1",
      number: true,
      optional: true,
      help: "share of images",
      cell: (item) => item.accuracy === undefined ? "–" : `${(100 * item.accuracy).toFixed(2)}%`,
      sortBy: (item) => item.accuracy
    },
    error("relative L2", "relative_l2", significant),
    error("cosine", "cosine", (value) => minus(value.toFixed(6))),
    {
      title: "Pareto",
      optional: true,
      help: "no other takes less energy at no more error",
      cell: (item) => item.onFront ? "front" : "",
      sortBy: (item) => item.missed === null ? null :
          item.onFront                       ? 0 :
                                               1
    },
    total("mul", "multiplications", "multiplications, those of macs included"),
    total("add", "additions", "additions, those of macs included"),
    total("exp", "exponentials", "exponentials"),
    total("div", "divisions", "divisions"),
    total("compare", "comparisons", "comparisons"),
    total("bit ops", "bit_operations", "logic and population counts"),
    error("max abs", "max_abs", significant),
    error("rmse", "rmse", significant),
    {
      title: "host time",
      number: true,
      optional: true,
      help: "on the machine that ran it, not on the hardware priced",
      cell: (item) => item.seconds === null ? "–" : siSeconds(item.seconds),
      sortBy: (item) => item.seconds
    },
  ];
  return columns.filter(
      (column) =>
          !column.optional || section.items.some((item) => (column.sortBy(item) ?? null) !== null));
}

function comparisonTable(section) {
  section.sorting ??= {column: null, descending: false};
  return sortableTable({
    caption: "Comparison",
    columns: comparisonColumns(section),
    rows: section.items,
    state: section.sorting
  });
}
