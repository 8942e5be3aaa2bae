"""Trains and evaluates with PyTorch on demand: a line of JSON in, a line of JSON out. See bench/worker.ts."""

import json
import sys
import time
from pathlib import Path

import numpy as np
from torch_network import build, build_step, load_weights, read_description, switch_dropout, to_images

import torch


def main():
    start = json.loads(sys.stdin.readline())
    torch.set_num_threads(start["threads"])
    torch.set_num_interop_threads(1)
    setting, folder = start["setting"], Path(start["folder"])
    read = lambda name, kind: np.fromfile(folder / name, dtype=kind)
    description = read_description(folder)
    network = build(description, setting)
    load_weights(network, description, folder / "weights.bin")
    step, forward = build_step(network, setting, start["learningRate"])
    train = to_images(read("train-images.bin", np.uint8), description, setting)
    train_labels = torch.from_numpy(read("train-labels.bin", np.uint8).astype(np.int64))
    test = to_images(read("test-images.bin", np.uint8), description, setting)
    test_labels = torch.from_numpy(read("test-labels.bin", np.uint8).astype(np.int64))
    order = torch.from_numpy(read("order.bin", np.uint32).astype(np.int64)).view(-1, start["batchSize"])
    answer({"version": f"PyTorch {torch.__version__}"})

    done = 0
    for line in sys.stdin:
        task = json.loads(line)
        begin = time.perf_counter()
        if task["type"] == "train":
            switch_dropout(network, description, not task.get("withoutDropout", False))
            losses = []
            for _ in range(task["steps"]):
                chosen = order[done % len(order)]
                losses.append(step(train[chosen], train_labels[chosen]))
                done += 1
            elapsed = time.perf_counter() - begin
            answer({"ms": elapsed * 1000, "losses": torch.stack(losses).tolist()})
        else:
            correct = 0
            network.eval()
            with torch.inference_mode():
                for first in range(0, task["images"], task["batchSize"]):
                    part = slice(first, min(first + task["batchSize"], task["images"]))
                    correct += (forward(test[part]).argmax(1) == test_labels[part]).sum().item()
            network.train()
            answer({"ms": (time.perf_counter() - begin) * 1000, "correct": correct})


def answer(value):
    print(json.dumps(value), flush=True)


main()
