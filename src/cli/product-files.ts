import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../model/json.ts';

/** The product's CustomResourceDefinitions, from the package that this program is part of. */
export async function readProductDefinitions(): Promise<readonly JsonObject[]> {
  return readDefinitions('protection-group-crd.yaml');
}

/** Those of DRBD Operator, for simulated clusters: real ones have them from the operator. */
export async function readOperatorDefinitions(): Promise<readonly JsonObject[]> {
  return readDefinitions('drbd-operator-crds.yaml');
}

/** All that a drill needs: either storage may be drawn. */
export async function readDrillDefinitions(): Promise<readonly JsonObject[]> {
  return [...(await readProductDefinitions()), ...(await readOperatorDefinitions())];
}

async function readDefinitions(file: string): Promise<readonly JsonObject[]> {
  const { parseAllDocuments } = await import('yaml');
  const text = readFileSync(join(packageFolder(), 'crds', file), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as JsonObject);
}

/** The package: the nearest folder above that has a `crds` folder, as this file is at another depth in a bundle. */
export function packageFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'crds')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}
