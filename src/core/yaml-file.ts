import nodePath from 'node:path';
import type { Document } from 'yaml';
import { type ErrorCode, escapeText, formatErrno, TrainerError } from './errors.ts';

/** A YAML or JSON file (JSON is a part of YAML), parsed but not yet understood. */
export interface YamlFile {
  readonly document: Document.Parsed;
  /** `file:line:column` of an offset into the text. */
  readonly place: (offset: number | undefined) => string;
  /** The error that the file is not what it should be. */
  readonly fail: (message: string) => TrainerError;
}

/** Parses the bytes of a YAML or JSON file. @throws TrainerError `code` where they are none, with the place. */
export async function parseYaml(path: string, bytes: Uint8Array, code: ErrorCode): Promise<YamlFile> {
  const { LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const name = escapeText(nodePath.basename(path));
  const place = (offset: number | undefined) => {
    const { line, col } = lines.linePos(offset ?? 0);
    return `${name}:${line}:${col}`;
  };
  const fail = (message: string) => new TrainerError(code, message, { path });
  let document: Document.Parsed;
  try {
    document = parseDocument(new TextDecoder('utf-8', { fatal: true }).decode(bytes), {
      lineCounter: lines,
      prettyErrors: false,
      merge: false,
    });
  } catch (error) {
    throw fail(`${name}: not readable as YAML or JSON: ${formatErrno(error)}`);
  }
  const [problem] = document.errors;
  // The parser takes its own exhausted stack for an error in the file.
  if (problem?.message.includes('call stack')) throw fail(`${name}: its brackets are nested too deep`);
  if (problem) throw fail(`${place(problem.pos[0])}: ${problem.message}`);
  return { document, place, fail };
}
