// Tells what of LINSTOR's API the simulated world serves: `npm run -s linstor-coverage [-- --write]`.
//
// Reads LINSTOR's OpenAPI description below the folder that the environment variable LIKENESS_DATA names.
// --write: into docs/linstor-coverage.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { coveragePage } from '../test/drivers/sim/linstor/openapi/coverage.ts';
import { DescribedApi } from '../test/drivers/sim/linstor/openapi/described-api.ts';
import { linstorDescription } from '../test/drivers/sim/linstor/openapi/linstor-description.ts';

if (import.meta.main) process.exitCode = main(process.argv.slice(2));

function main(args: readonly string[]): number {
  const { values } = parseArgs({ args: [...args], options: { write: { type: 'boolean' } } });
  const description = linstorDescription();
  if (description === undefined) {
    process.stderr.write(
      'LIKENESS_DATA names no folder with linstor/linstor-rest-v1-openapi.yaml: take docs/rest_v1_openapi.yaml of LINSTOR 1.34 (https://github.com/LINBIT/linstor-server)\n',
    );
    return 2;
  }
  const page = coveragePage(new DescribedApi(description));
  if (values.write === true) writeFileSync(join(import.meta.dirname, '../docs/linstor-coverage.md'), page);
  else process.stdout.write(page);
  return 0;
}
