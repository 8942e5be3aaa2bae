/** The public API: what `mnist-cnn` does, as functions. Call `loadTensorFlow` before anything that touches a model. */
export { loadTensorFlow } from './backend/tf.ts';
export { type ErrorCode, TrainerError } from './core/errors.ts';
export { systemClock } from './core/time.ts';
export { type DataOptions, loadExamples } from './data/load-examples.ts';
export { type Examples, type Splits, splitExamples } from './data/split.ts';
export { type Evaluation, evaluateModel } from './evaluate/evaluate.ts';
export { decodeImage } from './image/decode.ts';
export { type Architecture, findArchitecture } from './model/architectures.ts';
export { predictLogits } from './model/forward.ts';
export { type Trust, trustOf } from './model/metadata.ts';
export { buildModel, disposeModel, type Model } from './model/model.ts';
export { loadModel } from './model/saved-model.ts';
export { centerDigit } from './predict/center-digit.ts';
export type { DigitReading } from './predict/choose-digits.ts';
export { loadPictures } from './predict/load-pictures.ts';
export { type Network, readDigits } from './predict/read-digits.ts';
export type { TrainEvent, TrainingState } from './train/events.ts';
export { type TrainConfig, train } from './train/train.ts';
