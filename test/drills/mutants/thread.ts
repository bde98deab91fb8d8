// A drill thread with a bug: its order brings the changes of the sources along, which are made before anything else is loaded.
import { workerData } from 'node:worker_threads';
import type { SourceChange } from './mutant.ts';
import { plant } from './planting.ts';

const { changes } = workerData as { readonly changes: readonly SourceChange[] };
plant(changes, new URL('../../../', import.meta.url));
await import('../../../src/cli/drill/thread.ts');
