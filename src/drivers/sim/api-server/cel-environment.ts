import { Environment } from '@marcbachmann/cel-js';
import { quantityValue } from './quantity.ts';

/** An expression, ready to be evaluated. */
export type Evaluation = (variables: { readonly self?: unknown; readonly oldSelf?: unknown }) => unknown;

/** Compiles a CEL expression over `self` and `oldSelf`. Throws when it does not compile. */
export function compileCel(text: string): Evaluation {
  environment ??= openEnvironment();
  return environment.parse(text);
}

let environment: Environment | undefined;

/** An amount, as `quantity('1Gi')` gives it. */
class Quantity {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

// The libraries of https://kubernetes.io/docs/reference/using-api/cel/ beyond CEL itself: strings, lists, regex, quantities, URLs.
function openEnvironment(): Environment {
  const opened = new Environment({ unlistedVariablesAreDyn: false, enableOptionalTypes: true })
    .registerVariable('self', 'dyn')
    .registerVariable('oldSelf', 'dyn');
  addTexts(opened);
  addLists(opened);
  addQuantities(opened);
  return opened;
}

function addTexts(target: Environment): void {
  target.registerFunction('string.replace(string, string): string', (text: string, old: string, by: string) =>
    text.replaceAll(old, by),
  );
  target.registerFunction(
    'string.find(string): string',
    (text: string, pattern: string) => new RegExp(pattern, 'u').exec(text)?.[0] ?? '',
  );
  target.registerFunction('string.findAll(string): list', (text: string, pattern: string) =>
    Array.from(text.matchAll(new RegExp(pattern, 'gu')), ([found]) => found),
  );
  target.registerFunction('isURL(string): bool', (text: string) => URL.canParse(text));
}

type Item = bigint | number | string;

function addLists(target: Environment): void {
  const least = (items: readonly Item[]): Item => items.reduce((a, b) => (b < a ? b : a));
  const greatest = (items: readonly Item[]): Item => items.reduce((a, b) => (b > a ? b : a));
  target.registerFunction('list.isSorted(): bool', (items: readonly Item[]) =>
    items.every((item, index) => index === 0 || (items[index - 1] as Item) <= item),
  );
  target.registerFunction('list.sum(): dyn', (items: readonly Item[]) =>
    typeof items[0] === 'number'
      ? items.reduce((sum, item) => Number(sum) + Number(item), 0)
      : items.reduce((sum, item) => BigInt(sum) + BigInt(item), 0n),
  );
  target.registerFunction('list.min(): dyn', least);
  target.registerFunction('list.max(): dyn', greatest);
  target.registerFunction('list.indexOf(dyn): int', (items: readonly Item[], item: Item) =>
    BigInt(items.indexOf(item)),
  );
  target.registerFunction('list.lastIndexOf(dyn): int', (items: readonly Item[], item: Item) =>
    BigInt(items.lastIndexOf(item)),
  );
}

function addQuantities(target: Environment): void {
  target.registerType('Quantity', Quantity);
  target.registerFunction('quantity(string): Quantity', (text: string) => {
    const value = quantityValue(text);
    if (Number.isNaN(value))
      throw new Error(`quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`);
    return new Quantity(value);
  });
  target.registerFunction('isQuantity(string): bool', (text: string) => !Number.isNaN(quantityValue(text)));
  target.registerFunction('Quantity.isLessThan(Quantity): bool', (a: Quantity, b: Quantity) => a.value < b.value);
  target.registerFunction('Quantity.isGreaterThan(Quantity): bool', (a: Quantity, b: Quantity) => a.value > b.value);
  target.registerFunction('Quantity.compareTo(Quantity): int', (a: Quantity, b: Quantity) =>
    BigInt(Math.sign(a.value - b.value)),
  );
  target.registerFunction('Quantity.asInteger(): int', (a: Quantity) => BigInt(a.value));
  target.registerFunction('Quantity.asApproximateFloat(): double', (a: Quantity) => a.value);
  target.registerFunction('Quantity.sign(): int', (a: Quantity) => BigInt(Math.sign(a.value)));
}
