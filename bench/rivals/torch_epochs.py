"""Plain epochs in PyTorch: batches of 50, Adam at 0.001, all test images after each; one JSON line an epoch.

python torch_epochs.py DATA_FOLDER NETWORK_FOLDER THREADS SETTING EPOCHS
"""

import sys
import time

started = time.perf_counter()

import numpy as np
from torch_job import measure, read
from torch_network import build, build_step, read_description, to_images

import torch


def main():
    folder, network_folder, threads, setting, epochs = sys.argv[1:6]
    description = read_description(network_folder)
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    train = to_images(read(folder, "train-images-idx3", 16), description, setting)
    labels = torch.from_numpy(read(folder, "train-labels-idx1", 8).astype(np.int64))
    test = to_images(read(folder, "t10k-images-idx3", 16), description, setting)
    test_labels = torch.from_numpy(read(folder, "t10k-labels-idx1", 8).astype(np.int64))
    network = build(description, setting)
    step, forward = build_step(network, setting, 0.001)
    for epoch in range(1, int(epochs) + 1):
        for chosen in torch.randperm(len(train)).split(50):
            step(train[chosen], labels[chosen])
        seconds = time.perf_counter() - started
        _, accuracy = measure(forward, test, test_labels)
        print(f'{{"epoch": {epoch}, "seconds": {seconds:.2f}, "accuracy": {accuracy:.4f}}}', flush=True)


main()
