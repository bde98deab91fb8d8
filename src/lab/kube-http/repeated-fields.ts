/**
 * The paths of fields that an object of a JSON text gives more than once (`data.a`, `spec.containers[0].name`), in the order in
 * which they stand, as `UnmarshalStrict` of sigs.k8s.io/json tells them. The text must be JSON; of an object that repeats a field the last one counts.
 */
export function repeatedFields(text: string): readonly string[] {
  const found: string[] = [];
  new Scan(text, found).value('');
  return found;
}

class Scan {
  readonly #text: string;
  readonly #found: string[];
  #at = 0;

  constructor(text: string, found: string[]) {
    this.#text = text;
    this.#found = found;
  }

  value(path: string): void {
    this.#skipSpace();
    const first = this.#text[this.#at];
    if (first === '{') this.#object(path);
    else if (first === '[') this.#list(path);
    else if (first === '"') this.#string();
    else this.#skip(/[^,\]}\s]*/y);
  }

  #object(path: string): void {
    const fields = new Set<string>();
    this.#each('}', () => {
      const field = JSON.parse(this.#string()) as string;
      const place = path === '' ? field : `${path}.${field}`;
      if (fields.has(field)) this.#found.push(place);
      fields.add(field);
      this.#skip(/\s*:/y);
      this.value(place);
    });
  }

  #list(path: string): void {
    let index = 0;
    this.#each(']', () => this.value(`${path}[${index++}]`));
  }

  /** Everything between the bracket here and the one that closes it. */
  #each(end: string, take: () => void): void {
    this.#at++;
    this.#skipSpace();
    while (this.#text[this.#at] !== end) {
      take();
      this.#skip(/\s*,?\s*/y);
    }
    this.#at++;
  }

  #string(): string {
    const start = this.#at;
    this.#skip(/"(?:[^"\\]|\\.)*"/y);
    return this.#text.slice(start, this.#at);
  }

  #skipSpace(): void {
    this.#skip(/\s*/y);
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    this.#at += pattern.exec(this.#text)?.[0].length ?? 0;
  }
}
