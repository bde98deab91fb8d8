import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyStateMachine, EventObject } from 'xstate';
import { expectSameTransition } from './same-transition.ts';

/** What a fact of a test is made from: facts that are projections depend on the record they are for. */
export type FactFor<Record, Fact> = (record: Record) => Fact;

export interface MachineUnderTest<Record, Fact> {
  readonly id: string;
  readonly machine: AnyStateMachine;
  readonly finalStates: ReadonlySet<string>;
  /** Effects by the names of their actions; actions of the chart that are not listed only change the context. */
  readonly effects: readonly string[];
  readonly beginnings: readonly Record[];
  readonly step: (record: Record, fact: Fact) => { readonly record: Record; readonly effects: readonly unknown[] };
  readonly stateOf: (record: Record) => string;
  readonly contextOf: (record: Record) => object;
  /** What tells records of one state apart as far as the way on is concerned. */
  readonly kindOf: (record: Record) => string;
  /** A few telling facts; with them every state can be reached. */
  readonly alphabet: readonly FactFor<Record, Fact>[];
  /** Facts of every kind, plausible or not. */
  readonly facts: fc.Arbitrary<FactFor<Record, Fact>>;
  /** The facts that no state may let drop in silence; others may be ignored. */
  readonly mustHandle: (fact: Fact) => boolean;
}

/** What hosts, journals and the visualizer count on of every machine. */
export function describeMachine<Record, Fact extends EventObject>(under: MachineUnderTest<Record, Fact>): void {
  const reached = reachable(under);
  const anyRecord = fc.constantFrom(...reached.values());

  describe(`${under.id} machine`, () => {
    test('reaches every one of its states', () => {
      const states = new Set([...reached.values()].map(under.stateOf));
      expect([...states].toSorted()).toEqual(statesOf(under.machine).toSorted());
    });

    test('ends only in the states that are said to be final', () => {
      const final = statesOf(under.machine).filter((name) => under.machine.states[name]?.type === 'final');
      expect(new Set(final)).toEqual(under.finalStates);
    });

    test('takes any fact in any state, and lets none drop that it must handle', () => {
      fc.assert(
        fc.property(anyRecord, under.facts, (record, factFor) => {
          const fact = factFor(record);
          const { record: next } = under.step(record, fact);
          expect(statesOf(under.machine)).toContain(under.stateOf(next));
          if (under.finalStates.has(under.stateOf(record)) || !under.mustHandle(fact)) return;
          const snapshot = under.machine.resolveState({
            value: under.stateOf(record),
            context: under.contextOf(record),
          });
          expect(snapshot.can(fact as never)).toBe(true);
        }),
      );
    });

    test('steps by its table as XState steps by its chart', () => {
      fc.assert(
        fc.property(anyRecord, under.facts, (record, factFor) => {
          if (under.finalStates.has(under.stateOf(record))) return;
          expectSameTransition(under.machine, under.stateOf(record), under.contextOf(record), factFor(record));
        }),
      );
    });

    test('goes on alike from a record that was stored as JSON', () => {
      fc.assert(
        fc.property(anyRecord, under.facts, (record, factFor) => {
          const stored = JSON.parse(JSON.stringify(record)) as Record;
          expect(stored).toStrictEqual(record);
          const fact = factFor(record);
          expect(under.step(stored, fact)).toStrictEqual(under.step(record, fact));
        }),
      );
    });

    test('decides from record and fact alone, and changes neither', () => {
      fc.assert(
        fc.property(anyRecord, under.facts, (record, factFor) => {
          const fact = deepFreeze(factFor(deepFreeze(record)));
          expect(under.step(record, fact)).toStrictEqual(under.step(record, fact));
        }),
      );
    });

    test('stays as it is once it has ended, and orders nothing more', () => {
      const ended = [...reached.values()].filter((record) => under.finalStates.has(under.stateOf(record)));
      for (const record of ended) {
        for (const factFor of under.alphabet) {
          expect(under.step(record, factFor(record))).toEqual({ record, effects: [] });
        }
      }
    });

    test('has a name for every guard and every action of its chart, and uses every one', () => {
      const used = namesIn(under.machine.config);
      const { guards, actions } = under.machine.implementations;
      expect(used.unnamed).toEqual([]);
      expect([...used.guards].toSorted()).toEqual(Object.keys(guards).toSorted());
      expect([...used.actions].toSorted()).toEqual(Object.keys(actions).toSorted());
      for (const effect of under.effects) expect(used.actions).toContain(effect);
    });

    test('says of every state what it is', () => {
      for (const state of Object.values(under.machine.states)) expect(state.description ?? '').toMatch(/^\S.{10,}/);
    });
  });
}

/** One record for each kind that the alphabet leads to, by breadth. */
function reachable<Record, Fact>(under: MachineUnderTest<Record, Fact>): ReadonlyMap<string, Record> {
  const keyOf = (record: Record): string => `${under.stateOf(record)} ${under.kindOf(record)}`;
  const found = new Map(under.beginnings.map((record) => [keyOf(record), record]));
  for (const record of found.values()) {
    for (const factFor of under.alphabet) {
      const { record: next } = under.step(record, factFor(record));
      if (!found.has(keyOf(next))) found.set(keyOf(next), next);
    }
  }
  return found;
}

function statesOf(machine: AnyStateMachine): readonly string[] {
  return Object.keys(machine.states);
}

interface Names {
  readonly guards: Set<string>;
  readonly actions: Set<string>;
  readonly unnamed: string[];
}

/** The guards and actions that a chart names, wherever they stand in it. */
function namesIn(config: unknown): Names {
  const names: Names = { guards: new Set(), actions: new Set(), unnamed: [] };
  const note = (value: unknown, into: Set<string>): void => {
    const name = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : value;
    if (typeof name === 'string') into.add(name);
    else names.unnamed.push(String(value));
  };
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === 'guard') note(child, names.guards);
      else if (key === 'actions' || key === 'entry' || key === 'exit') {
        for (const action of Array.isArray(child) ? child : [child]) note(action, names.actions);
      } else if (key !== 'context') visit(child);
    }
  };
  visit(config);
  return names;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of value instanceof Map ? value.values() : Object.values(value)) deepFreeze(child);
  return value;
}
