import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../model/json.ts';

/** The product's CustomResourceDefinitions, from the package that this program is part of. */
export async function readProductDefinitions(): Promise<readonly JsonObject[]> {
  const { parseAllDocuments } = await import('yaml');
  const text = readFileSync(join(packageFolder(), 'crds', 'protection-group-crd.yaml'), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as JsonObject);
}

/** The package: the nearest folder above that has a `crds` folder, as this file is at another depth in a bundle. */
export function packageFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'crds')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}
