import fs from 'node:fs';
import path from 'node:path';
import type { Model } from '../../src/model/model.ts';
import { saveModel } from '../../src/model/saved-model.ts';
import { createTempFolder } from './folder.ts';
import { createMetadata } from './model.ts';

/** Saves a model into a folder, and gives the folder. */
export async function save(model: Model, folder = createTempFolder()): Promise<string> {
  await saveModel(model, folder, createMetadata(model));
  return folder;
}

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;
/** Weights files, and what is in them. */
export type Group = { readonly paths: readonly string[]; readonly weights: readonly Json[] };

/** Changes a model folder's model.json. */
export function changeJson(
  folder: string,
  change: (json: Json & { weightsManifest: readonly Group[] }) => object,
): void {
  const file = path.join(folder, 'model.json');
  fs.writeFileSync(file, JSON.stringify(change(JSON.parse(fs.readFileSync(file, 'utf8')))));
}

/** Changes what a model folder's model.json says of its weights. */
export function changeManifest(folder: string, change: (group: Group) => object): void {
  changeJson(folder, (json) => ({ ...json, weightsManifest: json.weightsManifest.map(change) }));
}

/** The name of a model folder's weights file. */
export function weightsFileOf(folder: string): string {
  return fs.readdirSync(folder).find((name) => name.endsWith('.bin')) ?? '';
}
