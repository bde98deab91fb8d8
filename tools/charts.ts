// Draws the machines: `npm run charts` writes docs/machines/*.md from the charts that the hosts run.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { drbdLockMachine } from '../src/machines/drbd-lock/machine.ts';
import { failoverMachine } from '../src/machines/failover/machine.ts';
import { historyMachine } from '../src/machines/history/machine.ts';
import { recoveryMachine } from '../src/machines/recovery/machine.ts';
import { protectionGroupMachine } from '../src/machines/protection-group/machine.ts';

const root = join(import.meta.dirname, '..');

/** Where a transition of the whole machine starts. */
const anyState = 'any state';

interface Subject {
  readonly machine: AnyStateMachine;
  readonly title: string;
  readonly about: string;
  /** The sources whose interfaces `…Deadlines` say what each deadline is; none where no fact is a deadline. */
  readonly deadlines?: readonly string[];
}

const operationContext = 'src/machines/operation/context.ts';

const subjects: readonly Subject[] = [
  {
    machine: failoverMachine,
    title: 'The failover machine',
    about:
      'One planned failover, or failback, which is the same in reverse. Every step is a gate on what is observed, with a deadline.',
    deadlines: [operationContext, 'src/machines/failover/context.ts'],
  },
  {
    machine: recoveryMachine,
    title: 'The recovery machine',
    about:
      'One recovery of copies that have parted, or one comparison of them. Nothing is given up but what a person has accepted as it was seen; what has been begun is brought to its end, and compared.',
    deadlines: [operationContext, 'src/machines/recovery/context.ts'],
  },
  {
    machine: protectionGroupMachine,
    title: 'The ProtectionGroup machine',
    about:
      'Reconciles one ProtectionGroup on one site. Each observation is placed by the same table, whatever the state was. A change that takes longer than five minutes makes the group stuck; a new desired state has five minutes of its own.',
  },
  {
    machine: drbdLockMachine,
    title: 'The DRBD lock machine',
    about:
      'Follows the lock of one volume. Each reading is placed by the same table, whatever the state was. A lock that is held after its VM has stopped is on its way out until DRBD_WAIT_TIME is over, and stuck from then on.',
  },
  {
    machine: historyMachine,
    title: 'The history machine',
    about:
      'Keeps the ended operations of one group known on every site, and no more of them than a site keeps. Each observation is placed by the same table, whatever the state was.',
  },
];

if (import.meta.main) main();

function main(): void {
  mkdirSync(join(root, 'docs/machines'), { recursive: true });
  for (const { path, text } of machinePages()) {
    writeFileSync(join(root, path), text);
    process.stdout.write(`${path}\n`);
  }
}

/** Every page with its path from the root, as the machines are now. */
export function machinePages(): readonly { readonly path: string; readonly text: string }[] {
  return subjects.map((subject) => ({ path: `docs/machines/${subject.machine.id}.md`, text: page(subject) }));
}

interface Arrow {
  readonly from: string;
  /** Undefined: the state stays. */
  readonly to: string | undefined;
  readonly event: string;
  readonly guard: string | undefined;
  readonly actions: readonly string[];
}

function page(subject: Subject): string {
  const { machine, title, about } = subject;
  const arrows = [...arrowsOf(anyState, machine.config.on), ...statesOf(machine).flatMap(arrowsOfState)];
  const deadlines = (subject.deadlines ?? []).flatMap((source) =>
    deadlinesIn(readFileSync(join(root, source), 'utf8')),
  );
  const parts = [
    `# ${title}`,
    `${about} Drawn by \`npm run charts\` from \`src/machines/${machine.id}/machine.ts\`; a label reads \`fact [guard] / actions\`.`,
    ['```mermaid', ...diagram(machine, arrows), '```'].join('\n'),
    stateTable(machine, arrows),
  ];
  const common = arrows.filter((arrow) => arrow.from === anyState && arrow.to !== undefined);
  if (common.length > 0) parts.push(`In any state, the first that holds: ${leavings(common)}.`);
  if (deadlines.length > 0) parts.push(table(['Deadline', 'What it is'], deadlines));
  return `${parts.join('\n\n')}\n`;
}

/** A machine whose states have transitions of their own is read by what ends a state, any other by what leads to it. */
function stateTable(machine: AnyStateMachine, arrows: readonly Arrow[]): string {
  const states = statesOf(machine);
  if (arrows.every(({ from }) => from === anyState)) {
    const entries = (name: string): string => guardsOf(arrows.filter(({ to }) => to === name));
    return table(
      ['State', 'What it is', 'Entered when'],
      states.map(({ name, node }) => [`\`${name}\``, node.description ?? '', entries(name)]),
    );
  }
  const ends = (name: string, isDeadline: boolean): string =>
    leavings(arrows.filter(({ from, event }) => from === name && (event === 'deadlinePassed') === isDeadline));
  return table(
    ['State', 'What it is', 'What it waits for', 'Deadlines'],
    states.map(({ name, node }) => [`\`${name}\``, node.description ?? '', ends(name, false), ends(name, true)]),
  );
}

interface StateNode {
  readonly name: string;
  readonly node: AnyStateMachine['states'][string];
}

function statesOf(machine: AnyStateMachine): readonly StateNode[] {
  return Object.entries(machine.states).map(([name, node]) => ({ name, node }));
}

function arrowsOfState({ name, node }: StateNode): readonly Arrow[] {
  return arrowsOf(name, node.config.on);
}

function arrowsOf(from: string, on: unknown): readonly Arrow[] {
  return Object.entries((on ?? {}) as Readonly<Record<string, unknown>>).flatMap(([event, transitions]) =>
    listed(transitions).map((transition) => {
      const { guard, target, actions } = transition as { guard?: unknown; target?: string; actions?: unknown };
      return {
        from,
        to: target?.replace(/^\./, ''),
        event,
        guard: guard === undefined ? undefined : nameOf(guard),
        actions: listed(actions).map(nameOf),
      };
    }),
  );
}

function diagram(machine: AnyStateMachine, arrows: readonly Arrow[]): readonly string[] {
  const lines = ['stateDiagram-v2', `  [*] --> ${machine.root.initial.target[0]?.key ?? ''}`];
  if (arrows.some(({ from }) => from === anyState)) lines.push('  state "any state" as any');
  for (const { from, to, event, guard, actions } of arrows) {
    const source = from === anyState ? 'any' : from;
    const label = [
      event,
      ...(guard === undefined ? [] : [`[${guard}]`]),
      ...(actions.length === 0 ? [] : ['/', actions.join(', ')]),
    ];
    lines.push(`  ${source} --> ${to ?? source}: ${label.join(' ')}`);
  }
  for (const { name, node } of statesOf(machine)) {
    const entries = listed(node.config.entry).map(nameOf);
    if (entries.length > 0) lines.push(`  ${name}: ${name}<br/>entry / ${entries.join(', ')}`);
    if (node.type === 'final') lines.push(`  ${name} --> [*]`);
  }
  return lines;
}

/** `sourceIsStopped → awaitingRelease`, in the order in which the guards are asked. */
function leavings(arrows: readonly Arrow[]): string {
  return arrows
    .filter(({ to }) => to !== undefined)
    .map((arrow) => `${guardsOf([arrow])} → \`${arrow.to}\``)
    .join('; ');
}

function guardsOf(arrows: readonly Arrow[]): string {
  return arrows.map(({ guard }) => (guard === undefined ? 'otherwise' : `\`${guard}\``)).join('; ');
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(heads), row(heads.map(() => '---')), ...rows.map(row)].join('\n');
}

/** Name and sentence of each deadline, from the comments of the interface that lists them. */
function deadlinesIn(source: string): readonly (readonly string[])[] {
  const body = /interface \w+Deadlines[^{]*\{([\s\S]*?)\n\}/.exec(source)?.[1] ?? '';
  return [...body.matchAll(/\/\*\* ([\s\S]*?) \*\/\s+readonly (\w+)\?/g)].map(([, sentence = '', name = '']) => [
    `\`${name}\``,
    sentence.replace(/\s*\n\s*\*\s*/g, ' '),
  ]);
}

function listed(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** A guard or action by its name, with its parameters where it has some. */
function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { type, params } = value as { type: string; params?: Readonly<Record<string, unknown>> };
  const given = Object.entries(params ?? {}).map(([key, param]) => `${key} ${String(param)}`);
  return given.length === 0 ? type : `${type} ${given.join(' ')}`;
}
