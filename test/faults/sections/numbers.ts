import type { FaultSection } from '../section.ts';

/** Numbers: rows I1 to I8. */
export const numbers: FaultSection = {
  title: 'Numbers',
  rows: [
    {
      id: 'I1',
      fault: 'loss NaN or Inf',
      exit: '80',
      says: 'epoch, step, learning rate, what to try',
      afterwards: 'last finite checkpoint kept; non-finite never latest or best',
    },
    {
      id: 'I2',
      fault: 'loss finite, a weight not finite',
      exit: '80',
      says: 'tensor',
      afterwards: 'same; checked before each save',
    },
    {
      id: 'I3',
      fault: '`--lr 100`',
      exit: '80 or 0 with warning',
      says: '',
      afterwards: '',
    },
    {
      id: 'I4',
      fault: 'accuracy ≤ 15 % after 2 epochs',
      exit: '0',
      says: 'warning: not learning',
      afterwards: '',
    },
    {
      id: 'I5',
      fault: '`evaluate --min-accuracy 0.99` missed',
      exit: '81',
      says: 'both numbers',
      afterwards: 'result still printed',
    },
    {
      id: 'I6',
      fault: 'tensors leak',
      exit: 'test',
      says: '',
      afterwards: '`numTensors` equal before and after 1,000 steps and 1,000 predictions',
    },
    {
      id: 'I7',
      fault: 'same seed twice / two seeds',
      exit: '0',
      says: '',
      afterwards: 'bit-equal / different',
    },
    {
      id: 'I8',
      fault: 'predictions with other batch sizes',
      exit: '0',
      says: '',
      afterwards: 'same class; probabilities within 1e-5',
    },
  ],
};
