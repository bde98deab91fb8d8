import fc from 'fast-check';
import type { TapeItem, TapeTopology } from '../tape.ts';

/** The fields of the items that bring a fault about, each with its range: for readers, for drawing, and for knowing it again. */
export interface Knob {
  readonly items: readonly Fields[];
  /** One line an item, as a scenario file has it, with ranges in place of values. */
  readonly lines: readonly string[];
  /** What the stage must be like; any is right when absent. */
  readonly needs?: Need;
  /** Items of the fault at random, for a stage of this topology. */
  draw(topology: TapeTopology): fc.Arbitrary<readonly TapeItem[]>;
}

/** A stage on which a fault makes sense. */
export interface Need {
  readonly text: string;
  readonly holds: (topology: TapeTopology) => boolean;
}

/** What a field may hold. */
export interface Range {
  readonly text: string;
  accepts(value: unknown): boolean;
  draw(topology: TapeTopology): fc.Arbitrary<unknown>;
}

/** The fields of an item, or of an object in it. One that a range draws as undefined is left out. */
export interface Fields {
  readonly [name: string]: Range | Fields;
}

/** The knob of a fault that these items bring about together. */
export function knob(...items: readonly Fields[]): Knob {
  return {
    items,
    lines: items.map(lineOf),
    draw: (topology) =>
      fc.tuple(...items.map((fields) => recordOf(fields, topology))) as unknown as fc.Arbitrary<readonly TapeItem[]>,
  };
}

/** The same, on a stage that has what it needs. Elsewhere nothing is drawn. */
export function on(needs: Need, { draw, ...rest }: Knob): Knob {
  return { ...rest, needs, draw: (topology) => (needs.holds(topology) ? draw(topology) : fc.constant([])) };
}

/** True when an item, or an object in it, has these fields, all in their range, and no others. */
export function matches(fields: Fields, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const given = value as Readonly<Record<string, unknown>>;
  if (Object.keys(given).some((name) => fields[name] === undefined && given[name] !== undefined)) return false;
  return Object.entries(fields).every(([name, range]) =>
    isRange(range) ? range.accepts(given[name]) : matches(range, given[name]),
  );
}

/** Exactly this. */
export function only(value: string | number | boolean): Range {
  return oneOf(value);
}

/** One of these. */
export function oneOf(...values: readonly (string | number | boolean)[]): Range {
  return {
    text: values.join(' or '),
    accepts: (value) => values.some((each) => each === value),
    draw: () => fc.constantFrom(...values),
  };
}

/** A whole number, both ends included. */
export function between(min: number, max: number): Range {
  return {
    text: `${min} to ${max}`,
    accepts: (value) => typeof value === 'number' && value >= min && value <= max,
    draw: () => fc.integer({ min, max }),
  };
}

/** A time in milliseconds, from the first to the last of these; drawn from them, so that short ones are as likely as long ones. */
export function duration(...values: readonly number[]): Range {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return { ...between(min, max), text: `${min} to ${max} ms`, draw: () => fc.constantFrom(...values) };
}

/** Left out, once in four times. */
export function maybe(range: Range): Range {
  return {
    text: `${range.text}, or left out`,
    accepts: (value) => value === undefined || range.accepts(value),
    draw: (topology) => fc.option(range.draw(topology), { nil: undefined, freq: 3 }),
  };
}

function lineOf(fields: Fields): string {
  const shown = Object.entries(fields).map(
    ([name, range]) => `${name}: ${isRange(range) ? range.text : lineOf(range)}`,
  );
  return `{ ${shown.join(', ')} }`;
}

function recordOf(fields: Fields, topology: TapeTopology): fc.Arbitrary<Record<string, unknown>> {
  const drawn = Object.fromEntries(
    Object.entries(fields).map(([name, range]) => [
      name,
      isRange(range) ? range.draw(topology) : recordOf(range, topology),
    ]),
  );
  return fc
    .record(drawn)
    .map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)));
}

function isRange(value: Range | Fields): value is Range {
  return typeof value.draw === 'function';
}
