/**
 * Downloads from three mirrors on loopback of which one, two or all are bad at one of the four files, each in a way of its own, and at
 * the others now and then: what is accepted must be right, whatever one mirror serves right must come, all within a stated time.
 *
 *     npm run soak -- network [--seeds 20] [--first-seed 0] [--lanes 24] [--seconds 20]
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { downloadFiles } from '../../packages/mnist-dataset-loader/src/download.ts';
import { DatasetError } from '../../packages/mnist-dataset-loader/src/errors.ts';
import {
  createSmallDatabase,
  type SmallDatabase,
  sha256,
} from '../../packages/mnist-dataset-loader/test/support/digits.ts';
import type { Behavior } from '../../packages/mnist-dataset-loader/test/support/mirror-behavior.ts';
import { shortLimits } from '../../packages/mnist-dataset-loader/test/support/mirror-faults.ts';
import { openMirror } from '../../packages/mnist-dataset-loader/test/support/open-mirror.ts';
import { type Random, random } from '../../src/core/random.ts';
import { inLanes, reportSoak, type SoakResult } from './result.ts';
import { harmless, type Toxic, toxics } from './toxics.ts';

/** Which downloads are tried. */
export interface NetworkPlan {
  readonly folder: string;
  readonly toxics: readonly Toxic[];
  /** Of the four files, so many; and of one, two or three mirrors bad at it, so many. */
  readonly files: number;
  readonly mirrors: number;
  readonly seeds: number;
  readonly firstSeed: number;
  readonly lanes: number;
  /** In which a download must have ended. */
  readonly deadlineMs: number;
  readonly say?: (text: string) => void;
}

/** The trial with its words. */
export async function soakNetwork(words: readonly string[]): Promise<SoakResult> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      seeds: { type: 'string', default: '20' },
      'first-seed': { type: 'string', default: '0' },
      lanes: { type: 'string', default: '24' },
      seconds: { type: 'string', default: '20' },
    },
  });
  const [seeds, firstSeed] = [Number(values.seeds), Number(values['first-seed'])];
  const plan = { toxics, files: 4, mirrors: 3, seeds, firstSeed, lanes: Number(values.lanes) };
  const deadlineMs = Number(values.seconds) * 1000;
  return reportSoak('network', (folder) =>
    downloadFromBadMirrors({ folder, deadlineMs, say: console.log, ...plan }),
  );
}

/** One download: at which file how many of the mirrors are bad, and how. */
interface Trial {
  readonly toxic: Toxic;
  readonly file: string;
  readonly badMirrors: number;
  readonly numbers: Random;
  readonly title: string;
}

/** Tries each toxic at each file and at one, two and three mirrors, with so many seeds. */
export async function downloadFromBadMirrors(plan: NetworkPlan): Promise<SoakResult> {
  const { folder, seeds, firstSeed, lanes, deadlineMs, say } = plan;
  for (const name of Object.keys(process.env)) if (/^https?_proxy$/i.test(name)) delete process.env[name];
  const database = createSmallDatabase();
  const trials = listTrials(plan, database);
  const lost: string[] = [];
  const tried = {
    downloads: 0,
    'complete and right': 0,
    'refused, no mirror being right': 0,
    'bad answers': 0,
  };
  let longestMs = 0;
  await inLanes(lanes, async () => {
    for (let trial = trials.next(); trial.done !== true; trial = trials.next()) {
      const number = ++tried.downloads;
      const { isComplete, problems, badAnswers, ms } = await tryDownload(trial.value, database, {
        dataDir: path.join(folder, String(number)),
        deadlineMs,
      });
      longestMs = Math.max(longestMs, ms);
      tried['bad answers'] += badAnswers;
      tried[isComplete ? 'complete and right' : 'refused, no mirror being right']++;
      for (const problem of problems) lost.push(`${trial.value.title}: ${problem}`);
      if (number % 500 === 0) say?.(`  ${number} downloads, lost ${lost.length}`);
    }
  });
  return {
    seed: firstSeed,
    tried: {
      toxics: plan.toxics.length,
      seeds,
      ...tried,
      'ms for the longest': Math.round(longestMs),
      'ms allowed': deadlineMs,
    },
    lost,
  };
}

function* listTrials(plan: NetworkPlan, { payloads }: SmallDatabase): Generator<Trial, undefined> {
  const files = [...payloads.keys()].slice(0, plan.files);
  for (let seed = plan.firstSeed; seed < plan.firstSeed + plan.seeds; seed++) {
    for (const [place, toxic] of plan.toxics.entries()) {
      for (const [index, file] of files.entries()) {
        for (let badMirrors = 1; badMirrors <= plan.mirrors; badMirrors++) {
          const numbers = random(seed, 'network', place, index, badMirrors);
          const title = `seed ${seed}, a mirror ${toxic.name}, ${file}, ${badMirrors} of 3 mirrors`;
          yield { toxic, file, badMirrors, numbers, title };
        }
      }
    }
  }
  return undefined;
}

async function tryDownload(
  trial: Trial,
  database: SmallDatabase,
  { dataDir, deadlineMs }: { readonly dataDir: string; readonly deadlineMs: number },
) {
  const { behaviors, bad } = drawBehaviors(trial, database.payloads);
  let badAnswers = 0;
  const mirrors = await Promise.all(
    behaviors.map((ofMirror) =>
      openMirror(database.payloads, (name) => {
        const behavior = ofMirror.get(name) ?? { type: 'serve' };
        if (bad.has(behavior)) badAnswers++;
        return behavior;
      }),
    ),
  );
  const problems: string[] = [];
  const startedMs = performance.now();
  let isComplete = false;
  try {
    const limits = { ...shortLimits, totalMs: deadlineMs };
    const means = { wait: async () => {}, chance: () => trial.numbers.uniform() };
    const addresses = mirrors.map(({ address }) => address);
    await downloadFiles(database.sources, { dataDir, mirrors: addresses, limits }, means);
    isComplete = true;
  } catch (error) {
    const isKnown = error instanceof DatasetError && ['E_NETWORK', 'E_CHECKSUM'].includes(error.code);
    if (!isKnown) problems.push(String(error));
    else if (trial.badMirrors < mirrors.length)
      problems.push(`refused although one was right: ${error.message}`);
  }
  const ms = performance.now() - startedMs;
  if (ms > deadlineMs + 1000) problems.push(`took ${Math.round(ms)} ms`);
  problems.push(...findWrongFiles(dataDir, database, isComplete));
  await Promise.all(mirrors.map(async ({ close }) => close()));
  fs.rmSync(dataDir, { recursive: true, force: true });
  return { isComplete, problems, badAnswers, ms };
}

/** What each of three mirrors does with each file, and which of that is bad. */
function drawBehaviors({ toxic, file, badMirrors, numbers }: Trial, payloads: SmallDatabase['payloads']) {
  const bad = new Set<Behavior>();
  const behaviors = [0, 1, 2].map(() => new Map<string, Behavior>());
  const drawToxic = (chosen: Toxic, name: string, payload: Buffer) => {
    const others = [...payloads].filter(([other]) => other !== name).map(([, bytes]) => bytes);
    const behavior = { ...chosen.draw(payload, numbers, others) };
    bad.add(behavior);
    return behavior;
  };
  for (const [name, payload] of payloads) {
    const right = numbers.integer(3);
    for (const [mirror, ofMirror] of behaviors.entries()) {
      const isBad = name === file ? mirror < badMirrors : mirror !== right && numbers.uniform() < 0.3;
      const chosen = name === file ? toxic : toxics[numbers.integer(toxics.length)];
      const odd = harmless[numbers.integer(harmless.length)];
      if (isBad && chosen !== undefined) ofMirror.set(name, drawToxic(chosen, name, payload));
      else if (odd !== undefined) ofMirror.set(name, odd);
    }
  }
  return { behaviors, bad };
}

/** Files that are not what they should be, that are missing although all came, or that were left over. */
function findWrongFiles(dataDir: string, { sources }: SmallDatabase, isComplete: boolean): readonly string[] {
  const names = fs.existsSync(dataDir) ? fs.readdirSync(dataDir) : [];
  const problems: string[] = [];
  for (const { name, sha256: expected } of sources) {
    const found = names.filter((each) => each === name || each === `${name}.gz`);
    if (isComplete && found.length !== 1) problems.push(`${found.length} files of ${name}`);
    for (const each of found) {
      const actual = hashPayload(path.join(dataDir, each));
      if (actual !== expected) problems.push(`${each} was accepted: ${actual}`);
    }
  }
  const known = new Set(sources.flatMap(({ name }) => [name, `${name}.gz`]));
  return [...problems, ...names.filter((name) => !known.has(name)).map((name) => `left over: ${name}`)];
}

function hashPayload(file: string): string {
  const bytes = fs.readFileSync(file);
  try {
    return sha256(file.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  } catch (error) {
    return String(error);
  }
}
