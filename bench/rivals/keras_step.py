"""Trains and evaluates with Keras 3 on TensorFlow on demand: a line of JSON in, a line of JSON out. See bench/worker.ts."""

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf


def main():
    start = json.loads(sys.stdin.readline())
    tf.config.threading.set_intra_op_parallelism_threads(start["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(1)
    jit, folder = start["setting"] == "jit", Path(start["folder"])
    read = lambda name, kind: np.fromfile(folder / name, dtype=kind)
    network = build()
    load_weights(network, read("weights.bin", np.float32))
    optimizer = keras.optimizers.Adam(start["learningRate"], epsilon=1e-8)
    optimizer.build(network.trainable_variables)
    rates, epsilons = adam_table(start["learningRate"])
    optimizer.epsilon = tf.Variable(1e-8)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    train, train_labels = to_images(read("train-images.bin", np.uint8)), to_labels(read("train-labels.bin", np.uint8))
    test, test_labels = to_images(read("test-images.bin", np.uint8)), to_labels(read("test-labels.bin", np.uint8))
    order = tf.constant(read("order.bin", np.uint32).astype(np.int32).reshape(-1, start["batchSize"]))

    # A graph of our own around Keras' layers, loss and optimizer: less around a step than fit or train_on_batch.
    @tf.function(jit_compile=jit)
    def step(images, labels):
        with tf.GradientTape() as tape:
            loss = loss_of(labels, network(images, training=True))
        taken = tf.minimum(tf.cast(optimizer.iterations, tf.int32), rates.shape[0] - 1)
        optimizer.learning_rate.assign(tf.gather(rates, taken))
        optimizer.epsilon.assign(tf.gather(epsilons, taken))
        gradients = tape.gradient(loss, network.trainable_variables)
        optimizer.apply(gradients, network.trainable_variables)
        return loss

    @tf.function(jit_compile=jit)
    def count_correct(images, labels):
        answers = tf.argmax(network(images, training=False), axis=1, output_type=tf.int32)
        return tf.reduce_sum(tf.cast(answers == labels, tf.int32))

    answer({"version": f"Keras {keras.__version__}, TensorFlow {tf.__version__}"})
    done = 0
    for line in sys.stdin:
        task = json.loads(line)
        begin = time.perf_counter()
        if task["type"] == "train":
            losses = []
            for _ in range(task["steps"]):
                chosen = order[done % order.shape[0]]
                losses.append(step(tf.gather(train, chosen), tf.gather(train_labels, chosen)))
                done += 1
            values = [float(loss) for loss in losses]
            answer({"ms": (time.perf_counter() - begin) * 1000, "losses": values})
        else:
            correct = 0
            for first in range(0, task["images"], task["batchSize"]):
                part = slice(first, min(first + task["batchSize"], task["images"]))
                correct += int(count_correct(test[part], test_labels[part]))
            answer({"ms": (time.perf_counter() - begin) * 1000, "correct": correct})


def adam_table(learning_rate):
    """
    Rate and epsilon of each of the first steps with which Keras' Adam does what PyTorch's and ours do.

    Keras adds epsilon to the root of the uncorrected mean ("epsilon hat") and takes 1 - 0.999 ** step in float32, which is
    off by 5e-5 in the first step. Losses would differ by 5e-4 within 20 steps; what a step costs stays the same.
    """
    steps = np.arange(1, 10_001)
    correct = lambda one, kind: np.sqrt(one - kind(0.999) ** steps.astype(kind)) / (one - kind(0.9) ** steps.astype(kind))
    rates = learning_rate * correct(1.0, np.float64) / correct(np.float32(1), np.float32).astype(np.float64)
    epsilons = 1e-8 * np.sqrt(1 - 0.999**steps)
    return tf.constant(rates, tf.float32), tf.constant(epsilons, tf.float32)


def build():
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(32, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


def load_weights(network, flat):
    start = 0
    for variable in network.trainable_variables:
        size = int(np.prod(variable.shape))
        variable.assign(flat[start : start + size].reshape(variable.shape))
        start += size


def to_images(data):
    return tf.constant((data.astype(np.float32) / 255).reshape(-1, 28, 28, 1))


def to_labels(data):
    return tf.constant(data.astype(np.int32))


def answer(value):
    print(json.dumps(value), flush=True)


main()
