/** Values for several options under one name: stronger than the defaults, weaker than all that is said expressly. */
export type Presets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * The presets of `train`, by name; texts as behind the flags. They were chosen by the accuracy on 10,000 training images
 * that were held back, after training on the other 50,000, never by the test images (docs/results.md).
 */
export const trainPresets = {
  /**
   * The most that one epoch gives the network `cnn`: shorter memory in Adam and a rate that climbs to eight times the usual
   * one and falls to nothing within the epoch; measured once, at the end.
   */
  fast99: {
    epochs: '1',
    batchSize: '50',
    optimizer: 'adam',
    lr: '0.008',
    schedule: 'linear',
    beta1: '0.7',
    beta2: '0.95',
    validation: '0',
    evalEvery: '1200',
    evalImages: '10000',
  },
  /** 99.5 % within a minute on two cores. */
  fast995: {
    arch: 'cnn-dropout',
    epochs: '12',
    lr: '0.002',
    schedule: 'one-cycle',
    augment: 'elastic',
    validation: '0',
    evalEvery: '1200',
  },
  /** The most that a network of fewer than 8,000 parameters learns in 15 epochs. */
  small: {
    arch: 'cnn-small',
    epochs: '15',
    lr: '0.005',
    schedule: 'one-cycle',
    augment: 'affine',
    augmentShift: '1',
    augmentRotation: '5',
    augmentScale: '0.05',
    augmentShear: '0.05',
    validation: '0',
    evalEvery: '1200',
  },
  /** The adding machine: long enough to add well, with a rate that falls to nothing. */
  adder: { arch: 'adder', epochs: '10', lr: '0.002', schedule: 'linear', evalEvery: '600' },
} as const satisfies Presets;
