#!/usr/bin/env bash
# What happens to a sweep in rough hands: killed and restarted, spread by mpirun and killed there,
# on a full disk, on a read-only one. Each time the rows must be those of an undisturbed sweep.
#
#   tests/sweeps/trial.sh build/release/wattention        # 10,000 runs
#   tests/sweeps/trial.sh build/release/wattention 2000   # the shortest, as ctest has it
set -euo pipefail
wattention=$(readlink -f "$1")
runs=${2:-10000}
folder=$(mktemp -d)
mounted=
trap '[ -z "$mounted" ] || umount "$mounted"; rm -rf "$folder"' EXIT
cd "$folder"
export ASAN_OPTIONS=detect_leaks=0  # of a sanitized build: Open MPI leaks

fail() { echo "failed: $*" >&2; exit 1; }

# 10 attentions on 2 numbers of heads and ever more tokens, under 5 tables
cat > grid.json <<END
{ "schema_version": 1, "mode": "estimate", "heads": [1, 4], "head_dim": 32,
  "attentions": ["softmax", "flash", "performer", "linformer",
    {"name": "ecoformer", "options": {"bits": [8, 16, 32], "form": ["linear", "hamming"]}}],
  "tokens": {"from": 32, "to": $((32 * runs / 100)), "step": 32},
  "tables": ["aladdin-40nm", "horowitz-45nm", "shift-add-45nm", "jouppi-7nm", "eyeriss-relative"] }
END

query() { "$wattention" query --database "$1" --format csv "$2"; }

# Every row but ids, which depend on the order of storing.
rows() {
  query "$1" "SELECT key, configuration, position, tool_version, content, kind, attention, label,
    mode, precision, accumulate, accounting, memory, input, heads, key_heads, queries, keys,
    head_dim, value_dim, shared, multiplications, additions, macs, divisions, square_roots,
    exponentials, comparisons, bit_operations, compute_pj_low, compute_pj_high, memory_pj_low,
    memory_pj_high, total_pj_low, total_pj_high FROM runs JOIN tables ON tables.id = table_id
    ORDER BY key"
  query "$1" "SELECT key, x.position, phase, op, format, count, energy_pj_low, energy_pj_high,
    source, prices.kind FROM operations x JOIN runs ON runs.id = run
    JOIN prices ON prices.id = price ORDER BY 1, 2"
  query "$1" "SELECT key, x.position, phase, level, off_chip, x.read_bytes, x.write_bytes,
    energy_pj_low, energy_pj_high, source, prices.kind FROM traffic x JOIN runs ON runs.id = run
    JOIN prices ON prices.id = price ORDER BY 1, 2"
  query "$1" "SELECT key, x.position, name, type, value FROM options x JOIN runs ON runs.id = run
    ORDER BY 1, 2"
  query "$1" "SELECT key, x.position, note FROM notes x JOIN runs ON runs.id = run ORDER BY 1, 2"
}

count() { query "$1" "SELECT count(*) FROM runs" | tail -1 | tr -d '\r'; }

expect_same() {
  rows "$1" > rows.csv
  cmp -s undisturbed.csv rows.csv || fail "$2: other rows than an undisturbed sweep"
  [ "$(query "$1" "SELECT count(*) - count(DISTINCT key) FROM runs" | tail -1 | tr -d '\r')" = 0 ]
  echo "$2: the same rows"
}

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# A part of the time that the whole sweep took: $1 milliseconds, in seconds, seeded.
RANDOM=4
random_share() { awk -v ms="$1" -v r=$((RANDOM % 40 + 5)) 'BEGIN { print ms * r / 100000 }'; }

start=$(milliseconds)
"$wattention" sweep grid.json --database undisturbed.sqlite
took=$(($(milliseconds) - start))
echo "undisturbed: $(count undisturbed.sqlite) runs in $took ms"
[ "$runs" -ne 10000 ] || [ "$took" -lt 10000 ] || fail "expected 10,000 runs in less than 10 s"
rows undisturbed.sqlite > undisturbed.csv

partial=0
for i in 1 2 3 4 5; do
  "$wattention" sweep grid.json --database killed.sqlite >/dev/null 2>&1 &
  sleep "$(random_share "$took")"
  kill -KILL $! 2>/dev/null || true
  wait $! 2>/dev/null || true
  if [ -s killed.sqlite ]; then
    there=$(count killed.sqlite 2>/dev/null || echo 0)
    echo "killed, time $i: $there runs are stored"
    [ "$there" -eq 0 ] || [ "$there" -eq "$(count undisturbed.sqlite)" ] || partial=1
  fi
done
[ $partial = 1 ] || [ "$runs" -lt 10000 ] || fail "never killed half-way"
"$wattention" sweep grid.json --database killed.sqlite
expect_same killed.sqlite "killed five times"

if command -v mpirun >/dev/null && mpirun --version | grep -q "Open MPI" &&
   ldd "$wattention" | grep -q libmpi; then
  spread=(mpirun -n 3 --oversubscribe --allow-run-as-root "$wattention" sweep grid.json)
  start=$(milliseconds)
  "${spread[@]}" --database ranks.sqlite 2>/dev/null
  took=$(($(milliseconds) - start))
  expect_same ranks.sqlite "three ranks, $took ms"
  for i in 1 2 3 4 5; do
    "${spread[@]}" --database ranks_killed.sqlite >/dev/null 2>&1 &
    mpirun=$!
    sleep "$(random_share "$took")"
    # Rank 0, which writes, dies first; mpirun then ends the others.
    for rank in $(pgrep -P $mpirun || true); do
      { tr '\0' '\n' < "/proc/$rank/environ" | grep -qx OMPI_COMM_WORLD_RANK=0 &&
        kill -KILL "$rank"; } 2>/dev/null || true
    done
    wait $mpirun 2>/dev/null || true
    [ ! -s ranks_killed.sqlite ] ||
      echo "rank 0 killed, time $i: $(count ranks_killed.sqlite 2>/dev/null || echo 0) runs are stored"
  done
  "${spread[@]}" --database ranks_killed.sqlite 2>/dev/null
  expect_same ranks_killed.sqlite "three ranks, killed five times"
  "$wattention" sweep grid.json --database ranks.sqlite --threads 1 >/dev/null
  expect_same ranks.sqlite "ranks, then threads"
else
  echo "skipped: no Open MPI, or a wattention without it"
fi

# One line, that status, and the rows that were there before.
refused() {
  local status=$1 what=$2
  shift 2
  local found=0
  "$@" >/dev/null 2>message || found=$?
  [ $found = "$status" ] || fail "$what: status $found: $(cat message)"
  [ "$(grep -c '^error: ' message)" = 1 ] || fail "$what: $(cat message)"
  [ "$(grep -vc '^\[' message)" = 1 ] || fail "$what: more than one line: $(cat message)"
  echo "$what: $(cat message | tail -1 | cut -c1-150)"
}

mkdir disk
if mount -t tmpfs -o size=3m tmpfs disk 2>/dev/null; then
  mounted=disk
  refused 1 "full disk" "$wattention" sweep grid.json --database disk/sweep.sqlite
  there=$(count disk/sweep.sqlite)
  [ "$there" -gt 0 ] || fail "full disk: nothing is stored"
  mount -o remount,size=1g disk
  "$wattention" sweep grid.json --database disk/sweep.sqlite
  expect_same disk/sweep.sqlite "full disk at $there runs, then room"
  mount -o remount,ro disk
  sed 's/"head_dim": 32/"head_dim": 16/' grid.json > other.json
  refused 2 "read-only disk" "$wattention" sweep other.json --database disk/sweep.sqlite
  refused 2 "read-only disk" "$wattention" sweep other.json --database disk/new.sqlite
  expect_same disk/sweep.sqlite "read-only disk"
else
  echo "skipped: a full disk and a read-only one: not allowed to mount"
fi
echo "done"
