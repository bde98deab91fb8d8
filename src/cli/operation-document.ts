import { type Instant, timestamp } from '../model/instant.ts';
import type { OperationView } from '../model/projection.ts';

/** An operation as programs read it: times are RFC 3339 texts. */
export function operationDocument(view: OperationView): unknown {
  return {
    ...view,
    startedAt: timestamp(view.startedAt),
    steps: view.steps.map((step) => ({
      ...step,
      ...time('startedAt', step.startedAt),
      ...time('finishedAt', step.finishedAt),
      virtualMachines: step.virtualMachines.map((vm) => ({ ...vm, ...time('at', vm.at) })),
    })),
  };
}

function time(field: string, at: Instant | undefined): Readonly<Record<string, string>> {
  return at === undefined ? {} : { [field]: timestamp(at) };
}
