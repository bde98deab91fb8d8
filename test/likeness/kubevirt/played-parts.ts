import { listAt, textAt } from '../../../src/model/json.ts';
import type { Trace } from './trace.ts';

/** What the played nodes and guests of a recording did of their own accord: those of the world do the same. */
export interface PlayedParts {
  /** Of each start of a VM in turn: whether its launcher died before the guest ran. */
  readonly diesEarly: ReadonlyMap<string, readonly boolean[]>;
  /** The containers of launchers were held back. */
  readonly areContainersHeld: boolean;
  readonly lacksImages: boolean;
  readonly ignoresAcpi: boolean;
  /** When a guest that ignored the signal went down after all. */
  readonly obeysAt: number | undefined;
}

export function playedPartsOf(trace: Trace): PlayedParts {
  const ignoresAcpi = /ignores (the )?ACPI/.test(trace.purpose);
  return {
    diesEarly: new Map(
      Object.entries(trace.sequences)
        .filter(([subject]) => subject.startsWith('vmi/'))
        .map(([subject, values]) => [subject.slice('vmi/'.length), startsOf(values.map(([, value]) => value))]),
    ),
    areContainersHeld: /still ContainerCreating/.test(trace.purpose),
    lacksImages: trace.objects.some(({ kind, object }) => kind === 'Pod' && waitsForImage(object)),
    ignoresAcpi,
    obeysAt: ignoresAcpi ? endOf(trace) : undefined,
  };
}

/** A start that came to Scheduled and ended, and never to Running, ended by itself. */
function startsOf(phases: readonly string[]): readonly boolean[] {
  const starts: string[][] = [[]];
  for (const phase of phases) {
    if (phase === 'DELETED') starts.push([]);
    else starts.at(-1)?.push(phase);
  }
  return starts.map((start) => start.includes('Scheduled') && start.includes('Failed') && !start.includes('Running'));
}

function waitsForImage(pod: unknown): boolean {
  return listAt(pod, 'status', 'containerStatuses').some(
    (one) => textAt(one, 'state', 'waiting', 'reason') === 'ErrImagePull',
  );
}

function endOf(trace: Trace): number | undefined {
  return trace.objects.find(
    ({ kind, object }) => kind.endsWith('Instance') && textAt(object, 'status', 'phase') === 'Succeeded',
  )?.t_ms;
}
