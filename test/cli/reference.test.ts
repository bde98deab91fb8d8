import { join } from 'node:path';
import { expect, test } from 'vitest';
import { referenceText } from '../../src/cli/reference.ts';

test('docs/pgctl.md is what the commands say of themselves', async () => {
  await expect(await referenceText()).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/pgctl.md'));
});
