import type { KubeRequest, Outcome } from '../../model/request.ts';
import type { ReadPlan } from '../../model/read-plan.ts';
import { decide } from '../../runtime/pass.ts';
import { type Breach, breachOf } from '../../runtime/breach.ts';
import { begin } from '../../runtime/step.ts';
import type { MachineRecord } from '../../machines/definition.ts';
import type { ProtectionGroupContext } from '../../machines/protection-group/context.ts';
import type { TwinMachines } from '../../twin/machines.ts';
import { controllerInput } from './scenery.ts';
import { sites } from './cells.ts';
import { now } from './essence.ts';

/**
 * The Protection Group Controller of a site. It keeps nothing that decides what it orders: each look is one of a process that
 * has just begun. So its death changes nothing but that orders which were under way are given again.
 */
export class GroupController {
  readonly #definition: TwinMachines['protectionGroup'];
  readonly #record: MachineRecord<ProtectionGroupContext>;
  readonly plan: ReadPlan;

  constructor(definition: TwinMachines['protectionGroup'], site: number) {
    this.#definition = definition;
    this.#record = begin(definition, controllerInput(sites[site] as string), now).record;
    this.plan = definition.reads(this.#record.state, this.#record.context);
  }

  /** What it orders when it is answered so, unless that would break a promise. What it reports is for people and decides nothing. */
  ordersAfter(outcomes: readonly Outcome[]): readonly KubeRequest[] | Breach {
    const pass = decide(this.#definition, this.#record, this.plan, outcomes, now);
    const breach = breachOf(this.#definition, this.#record, pass);
    if (breach !== undefined) return breach;
    const { reports } = this.#definition;
    return pass.effects.filter(({ name }) => !reports.has(name)).map(({ request }) => request as KubeRequest);
  }
}
