import { at, listAt, textAt } from '../../../src/model/json.ts';
import type { Millis } from '../../../src/model/instant.ts';
import type { ObjectEvent, Trace } from './trace.ts';

/** What the played nodes and guests of a recording did of their own accord: those of the world do the same. */
export interface PlayedParts {
  /** How long they took: from a launcher on its node to its containers, to a guest that runs, from the signal to its end. */
  readonly containersStart: Millis;
  readonly boot: Millis;
  readonly shutdown: Millis;
  /** Of each start of a VM in turn: whether its launcher died before the guest ran. */
  readonly diesEarly: ReadonlyMap<string, readonly boolean[]>;
  /** The signal to shut down came to nothing. */
  readonly ignoresAcpi: boolean;
  readonly lacksImages: boolean;
  /** When a volume that could not be attached could be: never is Infinity. */
  readonly attachesAt: Millis | undefined;
}

export function playedPartsOf(trace: Trace): PlayedParts {
  const instances = Object.entries(trace.sequences).filter(([subject]) => subject.startsWith('vmi/'));
  const starts = instances.flatMap(([, values]) => startsOf(values));
  const spans = (from: RegExp, to: RegExp): readonly Millis[] =>
    starts.flatMap((start) => spanOf(start, from, to) ?? []);
  // A start that was stopped before its containers ran would have taken longer than that.
  const isHeld = starts.some((start) => start.some(([, phase]) => phase === 'Scheduling (deletionTimestamp)'));
  const shutdown = shutdownOf(trace);
  return {
    containersStart: isHeld ? 600_000 : (spans(/^Scheduling$/, /^Scheduled$/)[0] ?? 1000),
    boot: spans(/^Scheduled$/, /^Running$/)[0] ?? 1000,
    shutdown: shutdown ?? 2000,
    diesEarly: new Map(
      instances.map(([subject, values]) => [subject.slice('vmi/'.length), startsOf(values).map(endsEarly)]),
    ),
    ignoresAcpi: /ignores (the )?ACPI/.test(trace.purpose) && shutdown === undefined,
    lacksImages: trace.objects.some(({ kind, object }) => kind === 'Pod' && waitsForImage(object)),
    attachesAt: attachesAt(trace),
  };
}

type Phases = readonly (readonly [number, string])[];

/** The lives of the VMIs of one name. */
function startsOf(phases: Phases): readonly Phases[] {
  const starts: (readonly [number, string])[][] = [[]];
  for (const phase of phases) {
    if (phase[1] === 'DELETED') starts.push([]);
    else starts.at(-1)?.push(phase);
  }
  return starts;
}

function spanOf(start: Phases, from: RegExp, to: RegExp): Millis | undefined {
  const [began, ended] = [from, to].map((phase) => start.find((each) => phase.test(each[1]))?.[0]);
  return began === undefined || ended === undefined ? undefined : ended - began;
}

/** One that came to Scheduled and failed, and never to Running, failed by itself. */
function endsEarly(start: Phases): boolean {
  const phases = start.map(([, phase]) => phase);
  return phases.includes('Scheduled') && phases.includes('Failed') && !phases.includes('Running');
}

/** From the signal of virt-handler to the end, where the guest went down by it. */
function shutdownOf({ objects }: Trace): Millis | undefined {
  const isEnd = ({ kind, object }: ObjectEvent): boolean =>
    kind === 'VirtualMachineInstance' && textAt(object, 'status', 'phase') === 'Succeeded';
  const signal = objects.find(({ kind, object }) => kind === 'Event' && textAt(object, 'reason') === 'ShuttingDown');
  const end = signal && objects.find((each) => each.t_ms >= signal.t_ms && isEnd(each));
  return end && end.t_ms - signal.t_ms;
}

function waitsForImage(pod: unknown): boolean {
  return listAt(pod, 'status', 'containerStatuses').some(
    (one) => textAt(one, 'state', 'waiting', 'reason') === 'ErrImagePull',
  );
}

function attachesAt({ objects }: Trace): Millis | undefined {
  const attachments = objects.filter(({ kind }) => kind === 'VolumeAttachment');
  const failed = attachments.find(({ object }) => at(object, 'status', 'attachError') !== undefined);
  if (failed === undefined) return undefined;
  const attached = attachments.find(
    ({ t_ms, object }) => t_ms > failed.t_ms && at(object, 'status', 'attached') === true,
  );
  return attached?.t_ms ?? Infinity;
}
