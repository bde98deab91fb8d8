import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { kubevirtDefinitions } from '../../../src/drivers/sim/kubevirt-admission/kubevirt-definitions.ts';
import type { JsonObject } from '../../../src/model/json.ts';

/** KubeVirt's CustomResourceDefinitions below a folder of recordings (`kubevirt/crds`); the world's own where it has none. */
export function definitionsOf(root: string): () => readonly JsonObject[] {
  const folder = join(root, 'kubevirt/crds');
  if (!existsSync(folder)) return kubevirtDefinitions;
  let found: readonly JsonObject[] | undefined;
  return () =>
    (found ??= readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .sort()
      .map((name) => parse(readFileSync(join(folder, name), 'utf8')) as JsonObject));
}
