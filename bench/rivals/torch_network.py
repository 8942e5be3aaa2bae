"""A network and its optimizer in PyTorch, from the description that bench/inputs.ts writes, with the weights of ours."""

import json
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

ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}

# What PyTorch calls the weights of ours.
WEIGHTS = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}

EVERY_ONE = slice(None)


def read_description(folder):
    """The network of `writeNetwork`: its pixels, the shape of its input, and each layer with its shapes."""
    with open(os.path.join(folder, "network.json")) as file:
        return json.load(file)


def build(description, setting):
    """The network in a setting, its weights not yet ours."""
    network = nn.Sequential(*[module for shape in description["shapes"] for module in build_layer(shape)])
    if SETTINGS[setting].get("channels_last"):
        network = network.to(memory_format=torch.channels_last)
    return network


def build_layer(shape):
    """The modules that do what one of our layers does."""
    layer, channels = shape["layer"], shape["inputShape"]
    kind = layer["type"]
    if kind == "conv2d":
        modules = build_convolution(layer, channels)
    elif kind == "dense":
        modules = [nn.Linear(channels[0], layer["units"], bias=layer.get("useBias", True))]
    elif kind in ("maxPooling2d", "averagePooling2d"):
        pool = nn.MaxPool2d if kind == "maxPooling2d" else nn.AvgPool2d
        modules = [pool(layer["poolSize"], layer.get("strides"))]
    elif kind == "batchNormalization":
        normalization = nn.BatchNorm2d if len(channels) == 3 else nn.BatchNorm1d
        # PyTorch's momentum is what the running mean takes of the new one.
        modules = [normalization(channels[-1], eps=0.001, momentum=0.01)]
    elif kind == "dropout":
        modules = [nn.Dropout(layer["rate"])]
    elif kind == "flatten":
        modules = [nn.Flatten()]
    elif kind == "activation":
        modules = []
    else:
        raise ValueError(f"torch_network.py does not know the layer {kind}")
    return modules + [ACTIVATIONS[layer["activation"]]()] if "activation" in layer else modules


def build_convolution(layer, input_shape):
    """A convolution, and before it the padding that PyTorch's own has no words for: another number on each side."""
    size, stride, dilation = layer["kernelSize"], layer.get("strides", 1), layer.get("dilationRate", 1)
    padding, around = layer["padding"], []
    if padding == "valid":
        padding = 0
    elif padding == "same":
        # TensorFlow's rule: as few zeros as give ceil(length / stride) outputs, the odd one at the end.
        reach = (size - 1) * dilation + 1
        both = [max((-(-length // stride) - 1) * stride + reach - length, 0) for length in input_shape[:2]]
        (top, bottom), (left, right) = [(total // 2, total - total // 2) for total in both]
        if top == bottom and left == right:
            padding = (top, left)
        else:
            padding, around = 0, [nn.ZeroPad2d((left, right, top, bottom))]
    convolution = nn.Conv2d(
        input_shape[2],
        layer["filters"],
        size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=layer.get("groups", 1),
        bias=layer.get("useBias", True),
    )
    return [*around, convolution]


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


def switch_dropout(network, description, on):
    """Gives the dropout layers their rates, or the rate 0."""
    layers = [shape["layer"] for shape in description["shapes"]]
    rates = [layer["rate"] for layer in layers if layer["type"] == "dropout"]
    modules = [module for module in network if isinstance(module, nn.Dropout)]
    for module, rate in zip(modules, rates):
        module.p = rate if on else 0.0


def load_weights(network, description, file):
    """Our weights: kernels [height, width, in, out] and flatten as [height, width, channel] become PyTorch's orders."""
    flat, start = np.fromfile(file, dtype=np.float32), 0
    kinds = (nn.Conv2d, nn.Linear, nn.BatchNorm1d, nn.BatchNorm2d)
    modules = (module for module in network if isinstance(module, kinds))
    # The position in our order of each value in PyTorch's order.
    order = EVERY_ONE
    for shape in description["shapes"]:
        if shape["layer"]["type"] == "flatten" and len(shape["inputShape"]) == 3:
            positions = np.arange(np.prod(shape["inputShape"])).reshape(shape["inputShape"])
            order = positions.transpose(2, 0, 1).ravel()
        module = next(modules) if shape["weights"] else None
        for weight in shape["weights"]:
            size = int(np.prod(weight["shape"]))
            value = flat[start : start + size].reshape(weight["shape"])
            start += size
            name = weight["name"].rsplit("/", 1)[1]
            if name == "kernel" and value.ndim == 4:
                value = value.transpose(3, 2, 0, 1)
            elif name == "kernel":
                value, order = value[order].T, EVERY_ONE
            else:
                value = value[order]
            with torch.no_grad():
                getattr(module, WEIGHTS[name]).copy_(torch.from_numpy(np.ascontiguousarray(value)))


def to_images(data, description, setting):
    """Bytes, image after image, as the floats that the network takes: [count, 1, height, width]."""
    height, width, _ = description["inputShape"]
    pixels = description["architecture"]["pixels"]
    images = torch.from_numpy(data).to(torch.float32).mul_(pixels["scale"]).add_(pixels["offset"])
    images = images.view(-1, 1, height, width)
    if SETTINGS[setting].get("channels_last"):
        images = images.to(memory_format=torch.channels_last)
    return images
