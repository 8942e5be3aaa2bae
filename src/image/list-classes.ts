import fs from 'node:fs';
import path from 'node:path';
import { escapeText, TrainerError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { compareNames, isPicture } from './list-pictures.ts';

/** A picture of a digit that is known. */
export interface LabeledPicture {
  readonly file: string;
  /** 0 to 9. */
  readonly label: number;
}

/** The pictures of a folder, to train on and to test by. */
export interface PictureClasses {
  readonly train: readonly LabeledPicture[];
  readonly test: readonly LabeledPicture[];
  /** Whether the test pictures were taken from among all, since there is no folder of them. */
  readonly isHeldOut: boolean;
  /** The paths of everything else that lies there. */
  readonly others: readonly string[];
}

/** Of each class, every fifth picture is one to test by if there is no folder of those. */
const heldOutEvery = 5;

/**
 * Lists the pictures in the folders `0` to `9` of a folder, or of `train` (`training`) in it, and of `test` (`testing`) if it
 * is there. They are in the natural order of their names, one of each class after the other, so that the first few of
 * them show all digits.
 *
 * @throws TrainerError `E_NO_INPUT` where there is nothing to train on, or to test by.
 */
export function listClasses(folder: string): PictureClasses {
  const inside = (names: readonly string[]) =>
    names.map((name) => path.join(folder, name)).find(holdsClasses);
  const trainFolder = holdsClasses(folder) ? folder : inside(['train', 'training']);
  const testFolder = inside(['test', 'testing']);
  const all = listPlace(trainFolder ?? folder, [testFolder]);
  const test = testFolder === undefined ? undefined : listPlace(testFolder);
  const around = trainFolder === folder ? [] : listNames(folder).map((name) => path.join(folder, name));
  const splits = test
    ? { train: mix(all.classes), test: mix(test.classes), isHeldOut: false }
    : {
        train: mix(all.classes.map((files) => files.filter((_, at) => !isHeldOut(at)))),
        test: mix(all.classes.map((files) => files.filter((_, at) => isHeldOut(at)))),
        isHeldOut: true,
      };
  checkCounts(folder, splits);
  const others = around.filter((place) => place !== trainFolder && place !== testFolder);
  return { ...splits, others: [...others, ...all.others, ...(test?.others ?? [])] };
}

function isHeldOut(position: number): boolean {
  return position % heldOutEvery === heldOutEvery - 1;
}

/** What lies in the folders `0` to `9` of a place: the pictures of each class by name, and the rest. */
function listPlace(place: string, known: readonly (string | undefined)[] = []) {
  const classes: string[][] = Array.from({ length: 10 }, () => []);
  const others: string[] = [];
  for (const name of listNames(place)) {
    const entry = path.join(place, name);
    if (!isClass(entry)) {
      if (!known.includes(entry)) others.push(entry);
      continue;
    }
    const files = listNames(entry).map((each) => path.join(entry, each));
    const isRead = (file: string) =>
      !path.basename(file).startsWith('.') && !isFolder(file) && isPicture(file);
    classes[Number(name)] = files.filter(isRead);
    others.push(...files.filter((file) => !isRead(file)));
  }
  return { classes, others };
}

/** The first of each class, the second of each class, and so on. */
function mix(classes: readonly (readonly string[])[]): readonly LabeledPicture[] {
  const most = Math.max(...classes.map((files) => files.length));
  return Array.from({ length: most }, (_, at) =>
    classes.flatMap((files, label) => {
      const file = files[at];
      return file === undefined ? [] : [{ file, label }];
    }),
  ).flat();
}

function checkCounts(
  folder: string,
  { train, test, isHeldOut: isFifth }: Omit<PictureClasses, 'others'>,
): void {
  const name = escapeText(path.basename(path.resolve(folder)));
  if (train.length === 0) {
    throw new TrainerError('E_NO_INPUT', `cannot read ${name}: there are no pictures in its folders 0 to 9`, {
      path: folder,
      hint: 'Pictures are PNG, JPEG, BMP and WebP files.',
    });
  }
  if (test.length > 0) return;
  const reason = isFifth ? `no class has ${heldOutEvery} pictures` : 'its folder of test pictures has none';
  throw new TrainerError('E_NO_INPUT', `cannot read ${name}: there is nothing to test by, ${reason}`, {
    path: folder,
    hint: `Of each class, every fifth picture is for testing. Add pictures, or put those for testing into ${escapeText(path.join(folder, 'test'))}, in folders 0 to 9.`,
  });
}

function holdsClasses(place: string): boolean {
  return isFolder(place) && listNames(place).some((name) => isClass(path.join(place, name)));
}

function isClass(entry: string): boolean {
  return /^[0-9]$/.test(path.basename(entry)) && isFolder(entry);
}

function isFolder(entry: string): boolean {
  return fs.statSync(entry, { throwIfNoEntry: false })?.isDirectory() === true;
}

function listNames(place: string): readonly string[] {
  try {
    return fs.readdirSync(place).sort(compareNames);
  } catch (error) {
    throw fileError(error, 'read', place, 'E_NO_INPUT');
  }
}
