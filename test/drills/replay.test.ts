import { describe, expect, test } from 'vitest';
import { replayTape } from '../../src/drills/replay/replay.ts';
import { runTape } from '../../src/drills/run.ts';
import type { Tape } from '../../src/drills/tape.ts';
import type { TraceLine } from '../../src/runtime/trace.ts';
import { calm } from './calm.ts';
import { definitions } from './definitions.ts';

const header = { program: 'test', seed: calm.seed, scenario: 'calm' };

/** What a tape's trace holds: the first line, and the others. */
function traced(tape: Tape): { readonly first: object; readonly lines: readonly TraceLine[]; readonly digest: string } {
  const texts: string[] = [];
  const { traceDigest = '' } = replayTape(tape, definitions, { trace: { header, write: (line) => texts.push(line) } });
  const [first = '', ...rest] = texts;
  return { first: JSON.parse(first), lines: rest.map((line) => JSON.parse(line) as TraceLine), digest: traceDigest };
}

/** Both sites are told to run the group: by hand, so that it breaks no promise, and the target is where nobody started it. */
const startedByHand: Tape = {
  ...calm,
  items: [...calm.items, { kind: 'edit', site: 'cluster1', desiredState: 'running', when: { at: 20_000 } }],
};

describe('a replay', () => {
  const { first, lines, digest } = traced(calm);

  test('plays what was played before, to the last bit, whether it is traced or not', () => {
    const plain = runTape(calm, definitions);
    expect(replayTape(calm, definitions, {}).report.digest).toBe(plain.digest);
    expect(traced(calm).digest).toBe(digest);
    expect(traced({ ...calm, seed: 2 }).digest).not.toBe(digest);
  });

  test('traces from a header to a verdict, each line with a number and a hash of its own', () => {
    expect(first).toEqual({ v: 1, kind: 'header', ...header });
    expect(lines.map(({ n }) => n)).toEqual(lines.map((_line, index) => index + 1));
    expect(new Set(lines.map(({ h }) => h)).size).toBe(lines.length);
    expect(lines.at(-1)).toMatchObject({ actor: 'drill', event: { kind: 'verdict', result: 'pass' }, h: digest });
  });

  test('traces what hosts decide and order, what becomes of it, of objects, guests and replicas', () => {
    const of = (kind: string): readonly TraceLine[] => lines.filter(({ event }) => event.kind === kind);
    expect(of('state').map(({ event }) => 'to' in event && event.to)).toEqual(
      expect.arrayContaining(['preflight', 'stoppingSource', 'awaitingRelease', 'startingTarget', 'succeeded']),
    );
    expect(of('effect').map(({ event }) => 'effect' in event && event.effect)).toContain('stopSource');
    expect(of('outcome').length).toBe(of('effect').length);
    expect(of('truth').map(({ event }) => 'is' in event && event.is)).toEqual(
      expect.arrayContaining(['stopping', 'ended', 'running']),
    );
    expect(of('change').some(({ event }) => 'object' in event && event.object === 'failovers/default/away')).toBe(true);
  });

  test('has nothing of an object in its trace but its name and version', () => {
    const changes = lines.flatMap(({ event }) => (event.kind === 'change' ? [Object.keys(event).join()] : []));
    expect(new Set(changes)).toEqual(new Set(['kind,change,object,version']));
  });
});

describe('a property that breaks in a replay', () => {
  const { scenes } = replayTape(startedByHand, definitions, {});
  const [scene] = scenes;

  test('is shown with the objects that its sentence names, as they were then', () => {
    expect(scene).toBeDefined();
    const names = scene?.objects.map(({ name }) => name) ?? [];
    expect(names).toEqual(expect.arrayContaining(['cluster1 protectiongroups/pg', 'cluster2 failovers/away']));
    expect(scene?.objects.find(({ name }) => name === 'cluster1 protectiongroups/pg')?.state).toHaveProperty(
      'desiredState',
    );
  });

  test('ends the run where it breaks when that is asked for', () => {
    const property = scene?.violation.property ?? '';
    const ended = replayTape(startedByHand, definitions, { until: property });
    const text = (entry?: { readonly text: string }): string => entry?.text ?? '';
    expect(ended.report.violations[0]).toEqual(scene?.violation);
    expect(ended.report.timeline.map(text).some((line) => line.startsWith(`${property} is broken`))).toBe(true);
    expect(ended.report.verdict).toBe('fail');
  });
});
