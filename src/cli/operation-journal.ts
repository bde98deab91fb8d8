import type { MachineRecord } from '../machines/definition.ts';
import type { FailoverContext } from '../machines/failover/context.ts';
import { holderOf, isJournalled, journalRequest } from '../machines/failover/journal.ts';
import { type KubeObject, resources } from '../model/kube.ts';
import type { Outcome } from '../model/request.ts';
import type { Journal } from '../runtime/live-host.ts';
import type { Clock, Driver } from '../runtime/ports.ts';

/** Keeps an operation's records in its Failover object on the target, as long as the object names us as its holder. */
export function operationJournal(ports: { readonly driver: Driver; readonly clock: Clock }): Journal<FailoverContext> {
  const { driver, clock } = ports;
  let isFirst = true;
  const write = async (record: MachineRecord<FailoverContext>): Promise<Outcome> => {
    const outcome = await driver.perform(journalRequest(record, clock.now(), isFirst));
    if (outcome.kind === 'applied') isFirst = false;
    return outcome;
  };
  return {
    store: async (record) => {
      if (!isJournalled(record)) return 'stored';
      const outcome = await write(record);
      if (outcome.kind === 'applied') return 'stored';
      if (outcome.kind === 'unknown') return 'unknown';
      const holder = await presentHolder(driver, record.context);
      if (holder === undefined) return 'unknown';
      if (holder !== record.context.holder) return 'lost';
      // An earlier write, whose answer was lost, has made us the holder.
      isFirst = false;
      return (await write(record)).kind === 'applied' ? 'stored' : 'unknown';
    },
  };
}

/** Who the Failover object names now: '' for nobody; undefined when it cannot be read. */
async function presentHolder(driver: Driver, { request }: FailoverContext): Promise<string | undefined> {
  const outcome = await driver.perform({
    api: 'kube',
    site: request.target,
    verb: 'get',
    resource: resources.failover,
    namespace: request.namespace,
    name: request.name,
  });
  return outcome.kind === 'applied' ? (holderOf(outcome.body as unknown as KubeObject) ?? '') : undefined;
}
