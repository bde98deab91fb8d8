import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../../src/model/json.ts';

/** The product's CustomResourceDefinitions. */
export const definitions = parseAllDocuments(
  readFileSync(new URL('../../crds/protection-group-crd.yaml', import.meta.url), 'utf8'),
).map((document) => document.toJS() as JsonObject);
