import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** LINSTOR's OpenAPI description (YAML), which is not ours to carry: from the folder LIKENESS_DATA; undefined without it. */
export function linstorDescription(): string | undefined {
  const path = join(process.env['LIKENESS_DATA'] ?? '', 'linstor/linstor-rest-v1-openapi.yaml');
  return process.env['LIKENESS_DATA'] !== undefined && existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
