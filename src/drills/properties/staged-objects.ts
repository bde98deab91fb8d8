import { type KubeObject, resources } from '../../model/kube.ts';
import type { SiteName } from '../../model/site.ts';
import { type Stage, type StagedGroup, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';

/** Every operation that was recorded, a failover or a recovery, on the site that keeps it. */
export function operationsOf({
  twin: { world },
}: Stage): readonly { readonly site: SiteName; readonly operation: KubeObject }[] {
  return stageSites.flatMap((site) =>
    [resources.failover, resources.recovery]
      .flatMap((resource) => world.cluster(site).api.list(resource, stageNamespace))
      .map((operation) => ({ site, operation })),
  );
}

/** Every group on every site. */
export function groupsOf({ groups, twin: { world } }: Stage): readonly {
  readonly staged: StagedGroup;
  readonly site: SiteName;
  readonly group: KubeObject;
}[] {
  return groups.flatMap((staged) =>
    stageSites.map((site) => {
      const group = world.cluster(site).api.get(resources.protectionGroup, stageNamespace, staged.name);
      if (group === undefined) throw new Error(`${staged.name} is gone from ${site}, and no item of a tape deletes it`);
      return { staged, site, group };
    }),
  );
}

/** Looks whenever a site reports anew on a group. */
export function eachStatus({ twin: { world } }: Stage, look: (site: SiteName, object: KubeObject) => void): void {
  for (const site of stageSites) {
    world.cluster(site).api.onChange(({ resource, object, old, type }) => {
      if (resource.plural !== resources.protectionGroup.plural || type !== 'MODIFIED') return;
      if (object.status !== old?.status) look(site, object);
    });
  }
}
