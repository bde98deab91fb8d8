import type { KubeObject } from '../../model/kube.ts';
import type { KubeRequest } from '../../model/request.ts';
import { originalRunStrategyAnnotation, wantsToRun } from '../../model/virtual-machine.ts';
import { applyRequest } from './apply-request.ts';
import { canonicalText, Interner } from './interner.ts';
import type { Scenery } from './scenery.ts';
import { canonicalObject, thing } from './versions.ts';

/** What may change in a VM's object; all else is the VM's own, and the same for ever. */
interface Power {
  readonly running: unknown;
  readonly runStrategy: unknown;
  /** The strategy that is kept while the VM is halted. */
  readonly kept: string | undefined;
}

/**
 * The objects of the VMs and what is ordered of them, without their names: a number means the same for every VM, so that VMs can
 * change places.
 */
export class MachineObjects {
  readonly #templates: readonly (readonly KubeObject[])[];
  readonly #powers = new Interner<Power>('powers of a VM');
  readonly #orders = new Interner<KubeRequest | undefined>('orders for a VM', [undefined]);
  readonly #wants: boolean[] = [];
  readonly #after = new Map<number, number>();

  constructor({ virtualMachines }: Scenery) {
    this.#templates = virtualMachines.map(({ machines }) =>
      machines.map((machine) => canonicalObject(machine, thing.virtualMachine)),
    );
  }

  /** The number of a VM's power in the scenery. */
  initial(virtualMachine: number, site: number): number {
    return this.#powers.numberOf(powerOf(this.#template(virtualMachine, site)));
  }

  /** A VM's object with the power of that number. */
  object(virtualMachine: number, site: number, power: number): KubeObject {
    return withPower(this.#template(virtualMachine, site), this.#powers.valueOf(power));
  }

  /** Whether a VM with that power is to have a guest. */
  wantsToRun(power: number): boolean {
    return (this.#wants[power] ??= wantsToRun(this.object(0, 0, power)) === true);
  }

  /** The number of the order that a VM is given among these requests; 0 for none. */
  orderIn(requests: readonly KubeRequest[], virtualMachine: number, site: number): number {
    const { name } = this.#template(virtualMachine, site).metadata;
    const own = requests.find((request) => request.name === name);
    if (own === undefined) return 0;
    const { name: _name, site: _site, ...nameless } = own;
    return this.#orders.numberOf(nameless as KubeRequest);
  }

  /** The number of the power that a VM has once an order has arrived. */
  after(power: number, order: number): number {
    const key = power * 0x10000 + order;
    const known = this.#after.get(key);
    if (known !== undefined) return known;
    const before = this.object(0, 0, power);
    const { object } = applyRequest(before, this.#orders.valueOf(order) as KubeRequest);
    const after = object === undefined ? before : canonicalObject(object, thing.virtualMachine);
    if (canonicalText(withPower(before, powerOf(after))) !== canonicalText(after))
      throw new Error(`An order changes more of a VM than its power: ${canonicalText(after)}`);
    const number = this.#powers.numberOf(powerOf(after));
    this.#after.set(key, number);
    return number;
  }

  #template(virtualMachine: number, site: number): KubeObject {
    return this.#templates[virtualMachine]?.[site] as KubeObject;
  }
}

function powerOf({ spec, metadata }: KubeObject): Power {
  const kept = metadata.annotations?.[originalRunStrategyAnnotation];
  return { running: spec?.running, runStrategy: spec?.runStrategy, kept };
}

function withPower(machine: KubeObject, { running, runStrategy, kept }: Power): KubeObject {
  const { running: _running, runStrategy: _strategy, ...spec } = machine.spec ?? {};
  const { [originalRunStrategyAnnotation]: _kept, ...annotations } = machine.metadata.annotations ?? {};
  const mark = kept === undefined ? {} : { [originalRunStrategyAnnotation]: kept };
  const power = {
    ...(running === undefined ? {} : { running }),
    ...(runStrategy === undefined ? {} : { runStrategy }),
  };
  return {
    ...machine,
    metadata: { ...machine.metadata, annotations: { ...annotations, ...mark } },
    spec: { ...spec, ...power } as NonNullable<KubeObject['spec']>,
  };
}
