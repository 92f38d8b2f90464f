#!/usr/bin/python3
"""The same attentions here and in PyTorch, eager, timed in turn in one run.

    bench/peers.py build/wattention [--threads 1]

PyTorch is Debian's python3-torch. It gets its best allocation: glibc keeps freed memory instead of
giving it back (MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_), so that no call pays for fresh
pages. It takes its products from the machine's BLAS, whose file is printed: Debian's reference
library is slow, libopenblas0-pthread is fast. Inputs, shapes and arithmetic are the same; queries
and keys are one tensor on both sides, which EcoFormer hashes once. The fastest of all rounds counts
on either side.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time



def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


ASKED = arguments()
TUNED = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
         "OMP_NUM_THREADS": str(ASKED.threads), "OPENBLAS_NUM_THREADS": str(ASKED.threads)}
if any(os.environ.get(name) != value for name, value in TUNED.items()):
    os.environ.update(TUNED)
    os.execv(sys.executable, [sys.executable, *sys.argv])

import numpy  # after the environment is set
import torch

ANCHORS, BITS = 25, 16


def softmax(q, k, v, _):
    scores = torch.matmul(q * q.shape[-1] ** -0.5, k.transpose(1, 2))
    return torch.matmul(torch.softmax(scores, -1), v)


def ecoformer(q, _, v, hash_functions):
    """As wattention runs it: shared queries and keys, sigma from the input, squared differences."""
    anchors, coefficients, mean = hash_functions
    unit = q / q.norm(dim=-1, keepdim=True).clamp_min(1e-12)
    distances = (unit.unsqueeze(2) - anchors.unsqueeze(1)).square().sum(-1)
    sigma = distances.mean(dim=(1, 2), keepdim=True).clamp_min(1e-12)
    kernel = torch.exp(distances * (-0.5 / sigma)) - mean.unsqueeze(1)
    codes = torch.where(torch.matmul(kernel, coefficients.transpose(1, 2)) > 0, 1.0, -1.0)
    context = torch.matmul(codes.transpose(1, 2), v)
    bias = BITS + 1
    denominator = torch.matmul(codes, codes.sum(1).unsqueeze(2)) + v.shape[1] * bias
    return (torch.matmul(codes, context) + bias * v) / denominator


def linear_elu(q, k, v, _):
    fq, fk = torch.nn.functional.elu(q) + 1, torch.nn.functional.elu(k) + 1
    context = torch.matmul(fk.transpose(1, 2), v)
    return torch.matmul(fq, context) / torch.matmul(fq, fk.sum(1).unsqueeze(2))


PEERS = {"softmax": softmax, "ecoformer": ecoformer, "linear-elu": linear_elu}


def safetensors(file, tensors):
    header, data, at = {}, b"", 0
    for name, tensor in tensors.items():
        part = tensor.numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [at, at + len(part)]}
        data, at = data + part, at + len(part)
    text = json.dumps(header).encode()
    with open(file, "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text + data)


class Case:
    def __init__(self, name, heads, tokens, dim, folder):
        torch.manual_seed(1)
        self.name, self.shape = name, f"{heads} x {tokens} x {dim}"
        q, v = (torch.randn(heads, tokens, dim) for _ in range(2))
        places = torch.randperm(tokens)[:ANCHORS]
        anchors = torch.nn.functional.normalize(q[:, places], dim=-1)
        self.hash = (anchors, torch.randn(heads, BITS, ANCHORS), torch.full((heads, ANCHORS), 0.37))
        self.inputs = (q, q, v)
        self.files = {}
        for key, tensor in (("q", q), ("v", v)):
            self.files[key] = os.path.join(folder, f"{key}.npy")
            numpy.save(self.files[key], tensor.numpy())
        self.files["hash"] = os.path.join(folder, "hash.safetensors")
        safetensors(self.files["hash"],
                    dict(zip(("anchors", "coefficients", "mean"), self.hash)))

    def seconds_of_torch(self):
        run = PEERS[self.name]
        fastest, began = float("inf"), time.perf_counter()
        while time.perf_counter() - began < 0.5:
            start = time.perf_counter()
            self.output = run(*self.inputs, self.hash)
            fastest = min(fastest, time.perf_counter() - start)
        return fastest

    def seconds_here(self, binary, threads, folder):
        f = self.files
        output = os.path.join(folder, "output.npy")
        command = [binary, "run", self.name, "--q", f["q"], "--k", f["q"], "--v", f["v"],
                   "--threads", str(threads), "--repeat", "20", "--memory", "none",
                   "--reference", "never", "--output", output, "--json", "-"]
        if self.name == "ecoformer":
            command += ["--hash", f["hash"]]
        report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        self.ours = torch.from_numpy(numpy.load(output))
        return report["runs"][0]["host_seconds"]


def blas():
    with open("/proc/self/maps") as maps:
        files = {line.split()[-1] for line in maps if "blas" in line or "mkl" in line}
    return ", ".join(sorted(os.path.realpath(f) for f in files)) or "its own"


def main():
    torch.set_num_threads(ASKED.threads)
    torch.set_grad_enabled(False)
    print(f"PyTorch {torch.__version__}, BLAS {blas()}, {ASKED.threads} threads\n")
    print(f"{'attention':12} {'shape':>14} {'PyTorch ms':>11} {'here ms':>9} {'ratio':>7} {'outputs differ by':>18}")
    for name, heads, tokens, dim in (("softmax", 1, 784, 32), ("softmax", 1, 3136, 32),
                                     ("softmax", 8, 1024, 64), ("ecoformer", 1, 784, 32),
                                     ("ecoformer", 1, 3136, 32), ("ecoformer", 1, 65536, 32),
                                     ("linear-elu", 1, 3136, 32)):
        with tempfile.TemporaryDirectory() as folder:
            case = Case(name, heads, tokens, dim, folder)
            there = here = float("inf")
            for _ in range(ASKED.rounds):
                there = min(there, case.seconds_of_torch())
                here = min(here, case.seconds_here(ASKED.binary, ASKED.threads, folder))
            error = (case.output - case.ours).abs().max().item()
            print(f"{name:12} {case.shape:>14} {1e3 * there:11.3f} {1e3 * here:9.3f} "
                  f"{there / here:7.1f} {error:18.1e}")
    print("queries and keys are one tensor on both sides, which ecoformer hashes once")


if __name__ == "__main__":
    main()
