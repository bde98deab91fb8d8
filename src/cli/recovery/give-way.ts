import { unfinishedOperations } from '../../model/failover.ts';
import { listAt, textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import type { SiteName } from '../../model/site.ts';
import type { Driver } from '../../runtime/ports.ts';

/**
 * Has comparisons of a group given up that go on, for something that must not wait for them: nothing is lost by that. Whoever drives
 * one lets go of the Leases then. One that is not reached holds them until they lapse, or refuses whoever wants them.
 */
export async function endComparisons(
  {
    sites,
    namespace,
    group,
  }: { readonly sites: readonly SiteName[]; readonly namespace: string; readonly group: string },
  driver: Driver,
): Promise<void> {
  const place = { api: 'kube', resource: resources.recovery, namespace } as const;
  await Promise.all(
    sites.map(async (site) => {
      const listed = await driver.perform({ ...place, site, verb: 'list' });
      if (listed.kind !== 'applied') return;
      const found = unfinishedOperations(listAt(listed.body, 'items') as unknown as readonly KubeObject[], group);
      const comparisons = found.filter((object) => textAt(object, 'spec', 'action') === 'Verify');
      const body = { spec: { cancel: true } };
      await Promise.all(
        comparisons.map(({ metadata: { name } }) =>
          driver.perform({ ...place, site, name, verb: 'patch', patch: 'merge', body }),
        ),
      );
    }),
  );
}
