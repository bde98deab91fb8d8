import { pairKey } from './replica.ts';

/** Power of nodes and the replication links between them. Links are up unless cut. */
export class Network {
  readonly #nodes = new Map<string, boolean>();
  readonly #cut = new Set<string>();

  add(node: string): void {
    if (!this.#nodes.has(node)) this.#nodes.set(node, true);
  }

  isOn(node: string): boolean {
    return this.#nodes.get(node) === true;
  }

  setPower(node: string, on: boolean): void {
    this.#nodes.set(node, on);
  }

  linkIsUp(a: string, b: string): boolean {
    return !this.#cut.has(pairKey(a, b));
  }

  setLink(a: string, b: string, up: boolean): void {
    if (up) this.#cut.delete(pairKey(a, b));
    else this.#cut.add(pairKey(a, b));
  }

  /** True while packets pass: both nodes have power and the link is up. */
  reaches(a: string, b: string): boolean {
    return this.isOn(a) && this.isOn(b) && this.linkIsUp(a, b);
  }
}
