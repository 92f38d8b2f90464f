#!/usr/bin/env bash
# Installs what Wattention needs from Debian's archive, and for tests from npm, as far as it is
# missing. Says nothing and changes nothing where all is there.
#
#   scripts/install-dependencies.sh          to build and run
#   scripts/install-dependencies.sh --test   to build, run, test, lint and fuzz as well
set -euo pipefail

packages=(
  cmake ninja-build g++
  libtbb-dev
  ocl-icd-opencl-dev  # asked for by libdnnl-dev's package file, which only recommends it
  libboost-iostreams-dev libboost-filesystem-dev libboost-system-dev
  libcli11-dev libfmt-dev nlohmann-json3-dev libdnnl-dev libhwy-dev
  libgnuplot-iostream-dev gnuplot-nox fonts-dejavu-core
  libsqlitecpp-dev libsqlite3-dev
)
if [ "${1:-}" = --test ]; then
  packages+=(catch2 libbenchmark-dev clang clang-format clang-tidy libclang-rt-14-dev git
             dataset-fashion-mnist dpkg-dev file python3 texlive-latex-base texlive-latex-recommended chromium
             libboost-mpi-dev openmpi-bin zsh)
  command -v node >/dev/null || packages+=(nodejs)
  command -v npm >/dev/null || packages+=(npm)  # fetches what drives the browser, and weights
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -ne 0 ]; then
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  echo "installing ${missing[*]}"
  log=$(mktemp)
  {
    ${as_root[@]+"${as_root[@]}"} apt-get update -qq &&
      ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}"
  } >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    echo "error: apt-get could not install what is missing; its last lines stand above" >&2
    exit 1
  }
  rm -f "$log"
fi

# What drives the browser in the tests of the HTML report, at the version of the lock file.
page_tests=$(dirname "$(readlink -f "$0")")/../tests/reports/page
if [ "${1:-}" = --test ] && [ ! -d "$page_tests/node_modules/playwright-core" ]; then
  npm ci --prefix "$page_tests" --no-audit --no-fund --loglevel=error --ignore-scripts || {
    echo "error: npm could not install what drives the browser in tests/reports/page" >&2
    exit 1
  }
fi
