import nodePath from 'node:path';
import { integer, path, toggle } from '../../config/options.ts';
import { escapeText } from '../../core/errors.ts';
import { formatPercent } from '../../core/percent.ts';
import { joinPair } from '../../data/pairs.ts';
import { rankDigits } from '../../predict/rank-digits.ts';
import { formatImage } from '../../report/half-block.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { formatCommand, usageError } from '../command-line.ts';
import { frameOnlyDigit, readPicture } from '../given-picture.ts';
import { openModel, requireFile, requireTask } from '../model-source.ts';

const addOptions = {
  model: path({ default: 'models/adder', description: 'the model folder of an adding machine' }),
  topK: integer({
    default: 1,
    minimum: 1,
    maximum: 19,
    description: 'how many sums to list, the most likely first',
  }),
  show: toggle({ description: 'draw the two digits as the network sees them' }),
} as const;

/** `mnist-cnn add`: reads two pictures of digits and prints their sum. */
export const add = defineCommand({
  name: 'add',
  operands: '[a.png b.png...]',
  examples: [
    ['mnist-cnn train --preset adder --out models/adder', 'train a network on sums alone'],
    ['mnist-cnn add three.png five.png', '8'],
    ['mnist-cnn add --show --top-k 3 three.png five.png', 'also show what it saw and the runners-up'],
    ['mnist-cnn eval --model models/adder', 'measure it on 10,000 unseen pairs'],
  ],
  options: addOptions,
  run: addPictures,
});

async function addPictures({ operands, options, output }: CommandContext<typeof addOptions>): Promise<void> {
  const [left, right, ...more] = operands;
  if (left === undefined || right === undefined || more.length > 0) {
    throw usageError('add', `add needs two pictures, found ${operands.length}`);
  }
  const missing = `no adding machine found in ${escapeText(options.model)}`;
  requireFile(nodePath.join(options.model, 'model.json'), missing, {
    hint: 'Train one (it takes a minute), or name its folder with --model.',
    command: formatCommand('train', { flags: { preset: 'adder', out: options.model } }),
  });
  const digits = [await readDigit(left), await readDigit(right)] as const;
  const { predictLogits } = await import('../../model/forward.ts');
  const model = await openModel({ type: 'folder', folder: options.model }, output);
  requireTask(model, 'sum', { folder: options.model, pictures: operands });
  const ranking = rankDigits(await predictLogits(model, joinPair(...digits)))
    .slice(0, options.topK)
    .map(({ digit: sum, score }) => ({ sum, score: Number(score.toFixed(6)) }));
  if (output.json) return output.result({ files: [left, right], sum: ranking[0]?.sum, ranking });
  if (options.show) {
    const size = { width: 56, height: 28, color: output.hasColor };
    output.result(formatImage(joinPair(...digits), size));
  }
  const answers = ranking.map(({ sum, score }) => `${sum} (${formatPercent(score)})`);
  output.result(`${escapeText(left)} + ${escapeText(right)} = ${answers.join(', ')}`);
}

/** The digit of a picture, or of standard input. */
async function readDigit(file: string): Promise<Uint8Array> {
  const picture = await readPicture(file);
  return frameOnlyDigit(picture, `no ink found in ${escapeText(picture.name)}`);
}
