"""The network `cnn` and its optimizer in PyTorch, with the weights of ours."""

import os

os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import torch
from torch import nn

# How each setting differs from plain eager PyTorch.
SETTINGS = {
    "eager": {},
    "channels-last": {"channels_last": True, "fused": True},
    "compile": {"fused": True, "compile": True},
    "compile-channels-last": {"channels_last": True, "fused": True, "compile": True},
}


def build(setting):
    """The network in a setting, its weights not yet ours."""
    network = nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(7 * 7 * 32, 10),
    )
    if SETTINGS[setting].get("channels_last"):
        network = network.to(memory_format=torch.channels_last)
    return network


def build_step(network, setting, learning_rate):
    """A function (images, labels) -> loss tensor that takes one step of Adam, and a fast forward pass."""
    chosen = SETTINGS[setting]
    fused = {"fused": True} if chosen.get("fused") else {}
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate, eps=1e-8, **fused)

    def loss_of(images, labels):
        return nn.functional.cross_entropy(network(images), labels)

    forward = network
    if chosen.get("compile"):
        loss_of = torch.compile(loss_of)
        forward = torch.compile(network)

    def step(images, labels):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(images, labels)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step, forward


def load_weights(network, file):
    """Our weights: kernels [height, width, in, out] and flatten as [height, width, channel] become PyTorch's orders."""
    flat = np.fromfile(file, dtype=np.float32)
    shapes = [(5, 5, 1, 16), (16,), (5, 5, 16, 32), (32,), (7 * 7 * 32, 10), (10,)]
    parts, start = [], 0
    for shape in shapes:
        size = int(np.prod(shape))
        parts.append(flat[start : start + size].reshape(shape))
        start += size
    dense = parts[4].reshape(7, 7, 32, 10).transpose(3, 2, 0, 1).reshape(10, -1)
    values = [parts[0].transpose(3, 2, 0, 1), parts[1], parts[2].transpose(3, 2, 0, 1), parts[3], dense, parts[5]]
    with torch.no_grad():
        for parameter, value in zip(network.parameters(), values):
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(value)))


def to_images(data, setting):
    """Bytes [count, 784] as the floats that the network takes."""
    images = torch.from_numpy(data).to(torch.float32).div_(255).view(-1, 1, 28, 28)
    if SETTINGS[setting].get("channels_last"):
        images = images.to(memory_format=torch.channels_last)
    return images
