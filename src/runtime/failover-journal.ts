import type { FailoverContext } from '../machines/failover/context.ts';
import { holderOf, isJournalled, journalRequest } from '../machines/failover/journal.ts';
import type { MachineRecord } from '../machines/definition.ts';
import type { KubeObject } from '../model/kube.ts';
import { resources } from '../model/kube.ts';
import type { KubeRequest, Outcome } from '../model/request.ts';
import type { Journal } from './live-host.ts';
import type { Clock, Driver } from './ports.ts';
import type { SimJournal } from './sim-host.ts';

/** Keeps a failover's records in its Failover object on the target, over a live driver. */
export function openFailoverJournal(driver: Driver, clock: Clock): Journal<FailoverContext> {
  let isFirst = true;
  return {
    async store(record) {
      if (!isJournalled(record)) return 'stored';
      const outcome = await driver.perform(journalRequest(record, clock.now(), isFirst));
      if (outcome.kind === 'applied') isFirst = false;
      if (outcome.kind !== 'refused') return outcome.kind === 'applied' ? 'stored' : 'unknown';
      // A first write whose answer was lost is refused when it is repeated; the object tells whose it is.
      if (!isFirst || !(await isOurs(driver, record))) return 'lost';
      isFirst = false;
      return 'unknown';
    },
  };
}

/** The same for hosts inside a simulated world. */
export function simFailoverJournal(wall: () => number): SimJournal<FailoverContext> {
  let wasSent = false;
  return {
    request(record) {
      if (!isJournalled(record)) return undefined;
      const isFirst = !wasSent;
      wasSent = true;
      return journalRequest(record, wall(), isFirst);
    },
  };
}

async function isOurs(driver: Driver, record: MachineRecord<FailoverContext>): Promise<boolean> {
  const { request, holder } = record.context;
  const read: KubeRequest = {
    api: 'kube',
    site: request.target,
    verb: 'get',
    resource: resources.failover,
    namespace: request.namespace,
    name: request.name,
  };
  const outcome: Outcome = await driver.perform(read);
  return outcome.kind === 'applied' && holderOf(outcome.body as unknown as KubeObject) === holder;
}
