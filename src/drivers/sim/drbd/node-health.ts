import type { DrbdResource } from './replica.ts';

interface Health {
  readonly lacksQuorum: boolean;
  readonly forcesIoFailures: boolean;
}

const well: Health = { lacksQuorum: false, forcesIoFailures: false };

/** What the quorum-taint agent asks of a node every few seconds: looked up again only after something has changed. */
export class NodeHealth {
  readonly #resources: ReadonlyMap<string, DrbdResource>;
  readonly #known = new Map<string, Health>();

  constructor(resources: ReadonlyMap<string, DrbdResource>) {
    this.#resources = resources;
  }

  /** Some replica of the node is different now. */
  forget(node: string): void {
    this.#known.delete(node);
  }

  of(node: string): Health {
    let health = this.#known.get(node);
    if (health === undefined) {
      health = this.#look(node);
      this.#known.set(node, health);
    }
    return health;
  }

  #look(node: string): Health {
    let { lacksQuorum, forcesIoFailures } = well;
    for (const resource of this.#resources.values()) {
      const replica = resource.replicas.get(node);
      if (replica === undefined) continue;
      forcesIoFailures ||= replica.forceIoFailures;
      lacksQuorum ||= replica.running && replica.options.quorum !== 'off' && !replica.quorum;
    }
    return lacksQuorum || forcesIoFailures ? { lacksQuorum, forcesIoFailures } : well;
  }
}
