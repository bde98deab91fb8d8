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
      if (!isFirst) return 'lost';
      // A first write whose answer was lost is refused when it is repeated, and so is one that met a change of the spec.
      const holder = await holderNow(driver, record);
      if (holder === record.context.holder) isFirst = false;
      return holder === 'nobody' || holder === 'unknown' || !isFirst ? 'unknown' : 'lost';
    },
  };
}

/** The same for hosts inside a simulated world. */
export function simFailoverJournal(wall: () => number): SimJournal<FailoverContext> {
  return {
    request(record, stored) {
      if (!isJournalled(record)) return undefined;
      // A first write whose answer was lost is a first one again: it follows another look at the object.
      const isFirst = stored === undefined || !isJournalled(stored);
      return journalRequest(record, wall(), isFirst);
    },
  };
}

/** Who is named in the Failover object; `unknown` when it does not tell. */
async function holderNow(driver: Driver, record: MachineRecord<FailoverContext>): Promise<string> {
  const { request } = record.context;
  const read: KubeRequest = {
    api: 'kube',
    site: request.target,
    verb: 'get',
    resource: resources.failover,
    namespace: request.namespace,
    name: request.name,
  };
  const outcome: Outcome = await driver.perform(read);
  if (outcome.kind === 'unknown') return 'unknown';
  // Deleted while it was being taken up: nobody's any more, and not ours to go on with.
  if (outcome.kind === 'refused') return 'deleted';
  return holderOf(outcome.body as unknown as KubeObject) ?? 'nobody';
}
