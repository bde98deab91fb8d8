import { listAt, textAt } from '../model/json.ts';
import { type KubeObject, resources } from '../model/kube.ts';
import type { SiteName } from '../model/site.ts';
import type { Stage } from './stage.ts';
import { stageSites } from './stage-sites.ts';

/**
 * Marks what each site comes to show of each group after the run has begun: `cluster2 shows pg mixed`, and for a condition
 * that is not as it should be `cluster1 shows pg Replicated False`.
 */
export function watchShownGroups({ twin: { world } }: Stage, mark: (mark: string) => void): void {
  for (const site of stageSites) {
    world.cluster(site).api.onChange(({ resource, object }) => {
      if (resource.plural !== resources.protectionGroup.plural) return;
      for (const shown of shownOf(object)) mark(markOfShown(site, object.metadata.name, shown));
    });
  }
}

/** Conditions that tell of a trouble where they are True. */
const troubles: ReadonlySet<string> = new Set(['SplitBrain', 'Superseded']);

function shownOf(group: KubeObject): readonly string[] {
  const currentState = textAt(group, 'status', 'currentState');
  const conditions = listAt(group, 'status', 'conditions').flatMap((condition) => {
    const [type, status] = [textAt(condition, 'type'), textAt(condition, 'status')];
    if (type === undefined || status === undefined) return [];
    return status === (troubles.has(type) ? 'False' : 'True') ? [] : [`${type} ${status}`];
  });
  return currentState === undefined ? conditions : [currentState, ...conditions];
}

function markOfShown(site: SiteName, group: string, shown: string): string {
  return `${site} shows ${group} ${shown}`;
}
