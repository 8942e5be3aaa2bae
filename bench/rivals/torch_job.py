"""The whole job in PyTorch: reads MNIST, trains one epoch, measures 2,000 test images each 50 steps, saves the weights.

python torch_job.py DATA_FOLDER NETWORK_FOLDER THREADS SETTING
"""

import gzip
import sys
import time

started = time.perf_counter()

import numpy as np
from torch_network import build, build_step, read_description, to_images

import torch
from torch import nn

imported = time.perf_counter()


def read(folder, name, header):
    with gzip.open(f"{folder}/{name}-ubyte.gz") as file:
        return np.frombuffer(file.read(), dtype=np.uint8)[header:].copy()


def main():
    folder, network_folder, threads, setting = sys.argv[1:5]
    description = read_description(network_folder)
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    train = to_images(read(folder, "train-images-idx3", 16), description, setting)
    labels = torch.from_numpy(read(folder, "train-labels-idx1", 8).astype(np.int64))
    test = to_images(read(folder, "t10k-images-idx3", 16), description, setting)[:2000]
    test_labels = torch.from_numpy(read(folder, "t10k-labels-idx1", 8).astype(np.int64))[:2000]
    network = build(description, setting)
    step, forward = build_step(network, setting, 0.001)
    for number, chosen in enumerate(torch.randperm(len(train)).split(50), start=1):
        step(train[chosen], labels[chosen])
        if number % 50 == 0:
            loss, accuracy = measure(forward, test, test_labels)
    torch.save(network.state_dict(), f"{network_folder}/net.pt")
    print(f'{{"importSeconds": {imported - started:.3f}, "loss": {loss:.4f}, "accuracy": {accuracy:.4f}}}', flush=True)


def measure(forward, images, labels):
    with torch.inference_mode():
        logits = torch.cat([forward(part) for part in images.split(250)])
        loss = nn.functional.cross_entropy(logits, labels).item()
        return loss, (logits.argmax(1) == labels).float().mean().item()


if __name__ == "__main__":
    main()
