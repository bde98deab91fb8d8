import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../../src/model/json.ts';

/** The CustomResourceDefinitions of the product and of DRBD Operator. */
export const definitions = ['protection-group-crd.yaml', 'drbd-operator-crds.yaml'].flatMap((file) =>
  parseAllDocuments(readFileSync(new URL(`../../crds/${file}`, import.meta.url), 'utf8')).map(
    (document) => document.toJS() as JsonObject,
  ),
);
