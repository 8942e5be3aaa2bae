import { formatCount } from '../core/files.ts';

/** One option of a command: the flag, the `MNIST_CNN_*` variable and the config-file key all follow from this entry. */
export interface Option<Value> {
  /** What stands behind the flag in the help, `<n>`; a switch has none. */
  readonly placeholder?: string;
  readonly description: string;
  readonly default: Value;
  /** What is accepted, in words, for the help and for errors: "a whole number from 1 to 10,000". */
  readonly accepted: string;
  /** Reads the text behind a flag; `undefined` where it is not accepted. */
  readonly parse: (text: string) => Value | undefined;
  /** The value of the bare flag, where `--flag` without a value means something. */
  readonly bare?: Value;
  /** Names a file or folder: in a config file it is relative to that file. */
  readonly isPath?: boolean;
  /** Values that stand as they are although the option names a file or folder: these, or all that do not look like `filePattern`. */
  readonly words?: readonly string[];
  readonly filePattern?: RegExp;
  /** The text that `parse` takes for a value, where it is not simply the value. A method, so that tables can hold it. */
  format?(value: Value): string;
  /** Whether a word after the value is one more value, where the flag takes several; each may also have a flag of its own. */
  readonly isFurther?: (word: string) => boolean;
  /** May be given again with another value when a run is resumed; all others belong to the run. */
  readonly changeable?: boolean;
}

/**
 * The flags of a call as they were typed, by option key: the text behind each, `true` where there is none, several texts
 * where the option takes them.
 */
export type Flags = Readonly<Record<string, string | true | readonly string[]>>;

export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** The values that a table's options come to. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer Value> ? Value : never;
};

interface Wording {
  readonly description: string;
  readonly placeholder?: string;
  readonly changeable?: boolean;
}

/** A whole number in decimal digits from `minimum` to `maximum`. */
export function integer<const Default extends number | undefined>(
  wording: Wording & { readonly default: Default; readonly minimum: number; readonly maximum: number },
): Option<number | Default> {
  const { minimum, maximum, ...rest } = wording;
  return {
    placeholder: '<n>',
    ...rest,
    accepted: `a whole number from ${grouped(minimum)} to ${grouped(maximum)}`,
    parse: (given) => {
      const value = /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
      return value >= minimum && value <= maximum ? value : undefined;
    },
  };
}

/** A decimal number above `above` (or from `minimum` on), at most `maximum`. */
export function decimal<const Default extends number | undefined>(
  wording: Wording & {
    readonly default: Default;
    readonly above?: number;
    readonly minimum?: number;
    readonly maximum: number;
  },
): Option<number | Default> {
  const { above, minimum, maximum, ...rest } = wording;
  const lower = above === undefined ? `from ${minimum ?? 0}` : `above ${above}`;
  return {
    placeholder: '<x>',
    ...rest,
    accepted: `a number ${lower}, at most ${maximum < 1e6 ? maximum : maximum.toExponential().replace('+', '')}`,
    parse: (given) => {
      const value = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) ? Number(given) : Number.NaN;
      const isHighEnough = above === undefined ? value >= (minimum ?? 0) : value > above;
      return isHighEnough && value <= maximum ? value : undefined;
    },
  };
}

/** One word out of `choices`. */
export function choice<const Word extends string, const Default extends Word | undefined>(
  wording: Wording & { readonly default: Default; readonly choices: readonly Word[] },
): Option<Word | Default> {
  const { choices, ...rest } = wording;
  return {
    placeholder: `<${choices.join('|')}>`,
    ...rest,
    accepted: `one of ${choices.join(', ')}`,
    parse: (given) => choices.find((word) => word === given),
  };
}

/** Any text that is not empty and has no NUL in it. */
export function text<const Default extends string | undefined>(
  wording: Wording & {
    readonly default: Default;
    readonly isPath?: boolean;
    readonly words?: readonly string[];
    readonly filePattern?: RegExp;
  },
): Option<string | Default> {
  return {
    placeholder: '<text>',
    ...wording,
    accepted: 'a non-empty text',
    parse: (value) => (value === '' || value.includes('\0') ? undefined : value),
  };
}

/** A file or folder. */
export function path<const Default extends string | undefined>(
  wording: Wording & { readonly default: Default },
): Option<string | Default> {
  return { ...text({ placeholder: '<path>', ...wording }), isPath: true, accepted: 'a path' };
}

/** At least one file or folder: the flag may be repeated, and words after its value count that `isFurther` accepts. */
export function paths(
  wording: Wording & {
    readonly default: readonly [string, ...string[]];
    readonly isFurther: (word: string) => boolean;
  },
): Option<readonly [string, ...string[]]> {
  return {
    placeholder: '<path ...>',
    ...wording,
    isPath: true,
    accepted: 'a path',
    parse: (value) => (value === '' || value.includes('\0') ? undefined : [value]),
  };
}

/** Several texts, separated by commas. */
export function list(
  wording: Wording & { readonly default: readonly string[]; readonly isPath?: boolean },
): Option<readonly string[]> {
  return {
    placeholder: '<a,b,...>',
    ...wording,
    accepted: 'one or more values, separated by commas',
    parse: (value) => {
      const items = value.split(',').map((item) => item.trim());
      return items.some((item) => item === '' || item.includes('\0')) ? undefined : items;
    },
  };
}

/** A switch that is off unless given. */
export function toggle(wording: Wording): Option<boolean> {
  return {
    ...wording,
    default: false,
    bare: true,
    accepted: 'true or false',
    parse: (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
  };
}

/** A span of time, `90s`, `5m`, `2h`; the value is in milliseconds. */
export function duration<const Default extends number | undefined>(
  wording: Wording & { readonly default: Default },
): Option<number | Default> {
  const unitsMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
  return {
    placeholder: '<time>',
    ...wording,
    accepted: 'a time such as 90s, 5m or 2h',
    parse: (value) => {
      const [, amount = '', unit = ''] = /^(\d{1,6})([smh])$/.exec(value) ?? [];
      const valueMs = Number(amount) * (unitsMs[unit] ?? 0);
      return valueMs > 0 ? valueMs : undefined;
    },
    format: (valueMs) => {
      const whole = Object.entries(unitsMs).findLast(([, unitMs]) => Number(valueMs) % unitMs === 0);
      return whole === undefined ? '' : `${Number(valueMs) / whole[1]}${whole[0]}`;
    },
  };
}

/** `batchSize` -> `batch-size`. */
export function flagName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `batchSize` -> `MNIST_CNN_BATCH_SIZE`. */
export function variableName(key: string): string {
  return `MNIST_CNN_${flagName(key).replaceAll('-', '_').toUpperCase()}`;
}

function grouped(value: number): string {
  return value === 2 ** 32 - 1 ? '2^32-1' : formatCount(value);
}
