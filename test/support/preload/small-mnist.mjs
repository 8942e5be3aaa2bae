// Has the program take another database for MNIST: SMALL_MNIST is the JSON of its table of files.
import { mnistFiles } from '../../../packages/mnist-dataset-loader/dist/sources.js';

mnistFiles.splice(0, mnistFiles.length, ...JSON.parse(process.env.SMALL_MNIST));
