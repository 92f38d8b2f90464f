// Tables behind the comparison: operations, traffic, and the accounting's reconciliation.
"use strict";

/** Every operation of an item, by group, with its price. */
function operationsTable(section, item) {
  const total = middle(item.energy.total);
  const rows = [];
  item.operations.forEach(([group, place, count], i) => {
    const price = prices[place];
    const [op, format] = price.name.split(" ");
    const energy = priced(place, count);
    const first = i === 0 || item.operations[i - 1][0] !== group;
    rows.push({
      group: first ? section.groups[group].name : "",
      op,
      format,
      count,
      price: rangeText(price.now),
      energy,
      share: middle(energy) / total,
      kind: price.kind,
      className: first ? "first" : null
    });
  });
  const columns = [
    {title: section.what === "runs" ? "phase" : "layers", cell: (row) => row.group},
    {title: "op", cell: (row) => row.op},
    {title: "format", cell: (row) => row.format},
    {title: "count", number: true, cell: (row) => siCount(row.count)},
    {title: `${unitOf(section.unit)} each`, number: true, cell: (row) => row.price},
    {title: "energy", number: true, cell: (row) => siEnergy(row.energy)},
    {title: "share", number: true, cell: (row) => percent(row.share)},
    {title: "price", cell: (row) => row.kind},
  ];
  return plainTable({caption: `Operations of ${item.label}`, columns, rows, unseen: true});
}

const rangeText = ([low, high]) => low === high ? String(low) : `${low}–${high}`;

/** Bytes that each item moves, by level, and their energy where it is priced. */
function trafficTable(section) {
  const rows = section.items
                   .flatMap((item) => section.levels.map((level, place) => {
                     const lines = item.traffic.filter((line) => line[1] === place);
                     const bytes = (at) => lines.reduce((all, line) => all + line[at], 0);
                     return {
                       label: item.label,
                       level: level.name,
                       read: bytes(2),
                       written: bytes(3),
                       energy: item.energy.levels[place],
                       used: lines.length > 0
                     };
                   }))
                   .filter((row) => row.used);
  const columns = [
    {title: section.what === "runs" ? "attention" : "network", cell: (row) => row.label},
    {title: "level", cell: (row) => row.level},
    {title: "read", number: true, cell: (row) => iecBytes(row.read)},
    {title: "written", number: true, cell: (row) => iecBytes(row.written)},
    {
      title: "energy",
      number: true,
      cell: (row) => row.energy ? siEnergy(row.energy) : "not priced"
    },
  ];
  return plainTable({caption: "Tensor traffic", columns, rows, unseen: true});
}

/** What is executed beside what the published accounting charges. */
function reconciliationTable(item) {
  const rows = [];
  const all = {executed: [0, 0], paper: [0, 0]};
  item.reconciliation.forEach((entry, i) => {
    const {executed, paper} = reconciled(item, entry);
    all.executed = sum(all.executed, executed);
    all.paper = sum(all.paper, paper);
    const first = i === 0 || item.reconciliation[i - 1].kind !== entry.kind;
    rows.push({
      kind: first ? entry.kind : "",
      item: entry.item,
      operations: entry.executed
                      .map(
                          ([place, count]) =>
                              `${siCount(count)} ${prices[place].name.replace(" fp32", "")}`)
                      .join(", ") ||
          "–",
      executed,
      paper,
      mul: siCount(entry.paper[0]),
      add: siCount(entry.paper[1]),
      verdict: entry.verdict,
      className: first ? "first" : null
    });
  });
  rows.push({
    kind: "all",
    item: "",
    operations: "",
    ...all,
    mul: "",
    add: "",
    verdict: "",
    className: "total"
  });
  const columns = [
    {title: "layers", cell: (row) => row.kind},
    {title: "item", wide: true, cell: (row) => row.item},
    {title: "executed", wide: true, cell: (row) => row.operations},
    {title: "energy", number: true, cell: (row) => siEnergy(row.executed)},
    {title: "paper's mul", number: true, cell: (row) => row.mul},
    {title: "add", number: true, cell: (row) => row.add},
    {title: "energy", number: true, cell: (row) => siEnergy(row.paper)},
    {title: "executed more", number: true, cell: (row) => differenceText(row)},
    {title: "paper", cell: (row) => row.verdict},
  ];
  return plainTable({
    caption: `Executed, and what the published accounting charges (${item.label})`,
    columns,
    rows
  });
}

function differenceText({executed, paper}) {
  const pj = middle(executed) - middle(paper);
  if (Math.abs(pj) <= 1e-12 * (middle(executed) + middle(paper))) return "0";
  return `${pj < 0 ? "−" : "+"}${siEnergy([Math.abs(pj), Math.abs(pj), executed[2] ?? paper[2]])}`;
}
