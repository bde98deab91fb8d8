import { isUnfinished } from '../model/failover.ts';
import { type Instant, second, timestamp } from '../model/instant.ts';
import { at, flagAt, listAt, numberAt, textAt } from '../model/json.ts';
import type { KubeObject } from '../model/kube.ts';
import { type RecordedOperation, virtualMachineOutcomes } from '../model/operation-history.ts';
import { isRecovery } from '../model/operation-sites.ts';
import { tableLines } from './table.ts';

const nothing = '-';

/**
 * A table of operations; the wide one has what they wait for or why they ended, and which sites hold them. `everywhere`:
 * operations of all namespaces.
 */
export function historyLines(
  operations: readonly RecordedOperation[],
  { wide, everywhere }: { readonly wide: boolean; readonly everywhere: boolean },
): readonly string[] {
  const headers = [
    ...(everywhere ? ['NAMESPACE'] : []),
    'ID',
    'GROUP',
    'MODE',
    'SOURCE → TARGET',
    'PHASE',
    'BY',
    'STARTED',
    'SECONDS',
  ];
  return tableLines(
    wide ? [...headers, 'HELD BY', 'MESSAGE'] : headers,
    operations.map((operation) => {
      const { id, namespace, group, mode, phase, startedAt, heldBy, object } = operation;
      const cells = [
        ...(everywhere ? [namespace] : []),
        id,
        group,
        mode || nothing,
        directionText(operation),
        phase,
        personText(operation),
        timeText(startedAt),
      ];
      const seconds = String(secondsOf(operation) ?? nothing);
      return [...cells, seconds, ...(wide ? [heldBy.join(', '), textAt(object, 'status', 'message') ?? ''] : [])];
    }),
  );
}

/** An operation as programs read it in a list: times are RFC 3339 texts. */
export function historyItem(operation: RecordedOperation): Readonly<Record<string, unknown>> {
  const { id, kind, namespace, group, mode, source, target, phase, requestedBy, startedAt, endedAt, heldBy } =
    operation;
  return {
    id,
    kind,
    namespace,
    protectionGroup: group,
    mode,
    source,
    target,
    phase,
    requestedBy,
    startedAt: startedAt === undefined ? null : timestamp(startedAt),
    endedAt: endedAt === undefined ? null : timestamp(endedAt),
    seconds: secondsOf(operation) ?? null,
    heldBy,
  };
}

/** Everything about one operation, for programs: the item of the list, with its order and its status. */
export function operationDetails(operation: RecordedOperation): unknown {
  const { spec, status } = operation.object;
  // The stored form of the machine is for Site Recovery alone.
  const { record: _record, ...told } = status ?? {};
  return { ...historyItem(operation), spec, status: told };
}

/** The same for people: who and what, why it ended, each step, each VM. */
export function operationDetailLines(operation: RecordedOperation): readonly string[] {
  const { object } = operation;
  return [
    ...summaryLines(operation),
    '',
    'CONSENTS:',
    ...consentLines(operation),
    '',
    'STEPS:',
    ...stepLines(operation),
    '',
    ...(isRecovery(object) ? volumeLines(object) : machineLines(object)),
  ];
}

function machineLines(object: KubeObject): readonly string[] {
  return [
    'VIRTUAL MACHINES:',
    ...sectionTable(
      ['VM', 'STATE', 'IN STEP', 'SINCE', 'MESSAGE'],
      virtualMachineOutcomes(object).map(({ name, state, step, at: since, message }) => [
        name,
        state,
        step,
        since || nothing,
        message,
      ]),
    ),
  ];
}

function volumeLines(object: KubeObject): readonly string[] {
  return [
    'COPIES:',
    ...sectionTable(
      ['VOLUME/NODE/NODE', 'RESULT', 'KIB', 'STARTED', 'FINISHED', 'MESSAGE'],
      listAt(object, 'status', 'volumes').map((volume) => [
        textAt(volume, 'name') ?? nothing,
        textAt(volume, 'result') ?? nothing,
        String(numberAt(volume, 'differingKib') ?? nothing),
        textAt(volume, 'startedAt') ?? nothing,
        textAt(volume, 'finishedAt') ?? nothing,
        textAt(volume, 'message') ?? '',
      ]),
    ),
  ];
}

function summaryLines(operation: RecordedOperation): readonly string[] {
  const { id, kind, namespace, group, mode, phase, requestedBy, startedAt, endedAt, heldBy, object } = operation;
  const status = (field: string): string => textAt(object, 'status', field) ?? nothing;
  const seconds = secondsOf(operation);
  const pairs: readonly (readonly [string, string])[] = [
    [kind, id],
    ['Protection Group', `${namespace}/${group}`],
    ['Mode', mode || nothing],
    ['Direction', directionText(operation)],
    ['Phase', phase],
    ['Requested by', `${personText(operation)}${requestedBy.client === '' ? '' : ` with ${requestedBy.client}`}`],
    ['Asked for', askedText(operation)],
    ['Driven by', status('holder')],
    ['Epoch', String(numberAt(object, 'status', 'epoch') ?? nothing)],
    ['Started', timeText(startedAt)],
    ['Ended', endedAt === undefined ? nothing : `${timeText(endedAt)} (after ${seconds ?? '?'} s)`],
    ['Held by', heldBy.join(', ')],
    ['Reason', status('reason')],
    ['Message', status('message')],
    ['Next', status('nextCommand')],
  ];
  const width = Math.max(...pairs.map(([name]) => name.length)) + 2;
  return pairs.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`);
}

function directionText({ mode, source, target }: RecordedOperation): string {
  return `${source} ${mode === 'Verify' ? '↔' : '→'} ${target}`;
}

function askedText({ object }: RecordedOperation): string {
  const cancelled = flagAt(object, 'spec', 'cancel') === true ? ['cancel'] : [];
  if (isRecovery(object)) return [...recoveryOrder(object), ...cancelled].join(', ');
  const limits = ['failoverSeconds', 'drbdWaitSeconds', 'vmStartSeconds', 'taintRemovalWindowSeconds'].flatMap(
    (name) => {
      const seconds = numberAt(object, 'spec', 'timeouts', name);
      return seconds === undefined ? [] : [`${name} ${seconds}`];
    },
  );
  const rollBack = flagAt(object, 'spec', 'rollback') === false ? 'no rollback' : 'rollback on failure';
  const room = flagAt(object, 'spec', 'withoutRoom') === true ? ['without room'] : [];
  return [rollBack, ...room, ...cancelled, ...limits].join(', ');
}

function recoveryOrder(object: KubeObject): readonly string[] {
  const spec = (field: string): string | undefined => textAt(object, 'spec', field);
  if (spec('action') !== 'Resolve') {
    const repair = spec('repair');
    return [repair === undefined ? 'comparison only' : `blocks of ${repair} replaced where copies differ`];
  }
  const kept = flagAt(object, 'spec', 'snapshot') === false ? 'no snapshot' : 'snapshot of what is given up';
  return [`${spec('survivorCluster') ?? nothing} survives`, kept];
}

function consentLines({ object }: RecordedOperation): readonly string[] {
  return sectionTable(
    ['KIND', 'BY', 'AT', 'STATEMENT'],
    listAt(object, 'spec', 'consents').map((consent) =>
      ['kind', 'givenBy', 'givenAt', 'statement'].map((field) => textAt(consent, field) ?? nothing),
    ),
  );
}

function stepLines({ object }: RecordedOperation): readonly string[] {
  const hasEnded = !isUnfinished(object);
  return sectionTable(
    ['STEP', 'STATE', 'STARTED', 'FINISHED', 'MESSAGE'],
    listAt(object, 'status', 'steps').map((step) => [
      textAt(step, 'name') ?? nothing,
      hasEnded && at(step, 'state') === 'pending' ? 'not executed' : (textAt(step, 'state') ?? nothing),
      textAt(step, 'startedAt') ?? nothing,
      textAt(step, 'finishedAt') ?? nothing,
      textAt(step, 'message') ?? '',
    ]),
  );
}

function sectionTable(headers: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? ['None'] : tableLines(headers, rows);
}

function personText({ requestedBy: { user, host } }: RecordedOperation): string {
  return user === '' ? nothing : `${user}${host === '' ? '' : `@${host}`}`;
}

function timeText(instant: Instant | undefined): string {
  return instant === undefined ? nothing : timestamp(instant);
}

function secondsOf({ startedAt, endedAt }: RecordedOperation): number | undefined {
  return startedAt === undefined || endedAt === undefined ? undefined : Math.round((endedAt - startedAt) / second);
}
