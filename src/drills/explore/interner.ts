/** Keeps every value once, under a small whole number that fits into a cell. Equal values, by their canonical text, get one number. */
export class Interner<Value> {
  readonly #what: string;
  readonly #numbers = new Map<string, number>();
  readonly #values: Value[] = [];

  /** `first` are the values of the numbers 0, 1 and on. */
  constructor(what: string, first: readonly Value[] = []) {
    this.#what = what;
    for (const value of first) this.numberOf(value);
  }

  get size(): number {
    return this.#values.length;
  }

  numberOf(value: Value): number {
    const text = canonicalText(value);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#values.length;
    if (number > 0xffff) throw new Error(`There are more than 65,536 different ${this.#what}: search a smaller world`);
    this.#numbers.set(text, number);
    this.#values.push(value);
    return number;
  }

  valueOf(number: number): Value {
    const value = this.#values[number];
    if (number >= this.#values.length) throw new Error(`No ${this.#what} has the number ${number}`);
    return value as Value;
  }
}

/** JSON with the fields of each object in the order of their names; a field that is undefined counts as absent. */
export function canonicalText(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'undefined';
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  const fields = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const name of Object.keys(fields).sort())
    if (fields[name] !== undefined)
      text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalText(fields[name])}`;
  return `{${text}}`;
}
