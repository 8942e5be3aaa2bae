import nodePath from 'node:path';
import type { CST, Document } from 'yaml';
import { type ErrorCode, escapeText, formatErrno, TrainerError } from './errors.ts';

/** A YAML or JSON file (JSON is a part of YAML), parsed but not yet understood. */
export interface YamlFile {
  readonly document: Document.Parsed;
  /** `file:line:column` of an offset into the text. */
  readonly place: (offset: number | undefined) => string;
  /** The error that the file is not what it should be. */
  readonly fail: (message: string) => TrainerError;
}

/** Larger files are not parsed: the parser takes 5 to 9 seconds for a MiB of brackets or tags, and more for one of keys. */
export const maxYamlBytes = 64 * 1024;

/** Deeper files are not composed: that recurses, and V8 ends the whole process where the stack is too short for a pattern. */
const maxDepth = 100;

/** Parses the bytes of a YAML or JSON file. @throws TrainerError `code` where they are none, with the place. */
export async function parseYaml(path: string, bytes: Uint8Array, code: ErrorCode): Promise<YamlFile> {
  const { LineCounter, parseDocument, Parser } = await import('yaml');
  const lines = new LineCounter();
  const name = escapeText(nodePath.basename(path));
  const place = (offset: number | undefined) => {
    const { line, col } = lines.linePos(offset ?? 0);
    return `${name}:${line}:${col}`;
  };
  const fail = (message: string) => new TrainerError(code, message, { path });
  let document: Document.Parsed;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (isDeep(new Parser().parse(text))) throw fail(`${name}: its brackets are nested too deeply`);
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      merge: false,
      // Its warnings would go to the terminal by themselves.
      logLevel: 'error',
    });
  } catch (error) {
    if (error instanceof TrainerError) throw error;
    throw fail(`${name}: not readable as YAML or JSON: ${formatErrno(error)}`);
  }
  const [problem] = document.errors;
  // Some problems repeat what stands in the file.
  if (problem) throw fail(`${place(problem.pos[0])}: ${escapeText(problem.message)}`);
  return { document, place, fail };
}

/** Whether lists and maps of a file lie deeper in each other than they may. */
function isDeep(tokens: Iterable<CST.Token>): boolean {
  let level: readonly CST.Token[] = [...tokens];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return true;
    level = level.flatMap(contentsOf);
  }
  return false;
}

function contentsOf(token: CST.Token): readonly CST.Token[] {
  const value = 'value' in token && typeof token.value === 'object' ? [token.value] : [];
  const items = 'items' in token ? token.items.flatMap(({ key, value: content }) => [key, content]) : [];
  return [...value, ...items].filter((each) => each !== undefined && each !== null);
}
