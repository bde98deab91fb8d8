import { groupNamesIn } from '../../model/group-overview.ts';
import { listAt, textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import { type Observation, readingOf } from '../../model/observation.ts';
import type { SiteName } from '../../model/site.ts';
import { waveAnnotation, waveOf } from '../../model/wave.ts';
import type { Driver } from '../../runtime/ports.ts';
import { CommandError, usageError } from '../command-error.ts';
import { requireMeant } from './given-waves.ts';
import type { SiteFailoverOrder } from './order.ts';

/** A group that is meant, and when its turn is. */
export interface SelectedGroup {
  readonly group: string;
  readonly wave: number;
}

/**
 * The groups that an order means, by their waves and names, as these clusters tell them. Labels and wave of a group are those on
 * the first of them that has it. Throws when one does not tell its groups, when there is none, and for waves or a selector
 * that cannot be understood.
 */
export async function selectGroups(
  order: Pick<SiteFailoverOrder, 'namespace' | 'selector' | 'target' | 'waves'>,
  observation: Observation,
  clusters: readonly SiteName[],
  driver: Driver,
): Promise<readonly SelectedGroup[]> {
  const { waves } = order;
  const held = new Map(clusters.map((site) => [site, groupsOf(observation, site, order)]));
  const isMatch = await matching(order, clusters, driver);
  const selected = groupNamesIn(observation, clusters).flatMap((group): readonly SelectedGroup[] => {
    const [found] = clusters.flatMap((site) => {
      const object = held.get(site)?.find(({ metadata }) => metadata.name === group);
      return object === undefined ? [] : [{ site, object }];
    });
    if (found === undefined || !isMatch(found.site, group)) return [];
    if (waves !== undefined) return [{ group, wave: waves.ofGroup.get(group) ?? waves.others }];
    return [{ group, wave: requiredWave(found.site, found.object) }];
  });
  if (selected.length > 0) {
    if (waves !== undefined)
      requireMeant(
        waves,
        selected.map(({ group }) => group),
      );
    return selected.toSorted((a, b) => a.wave - b.wave);
  }
  throw new CommandError(
    `No protection group of namespace ${order.namespace} is meant${order.selector === undefined ? '' : ` by ${order.selector}`}`,
    {
      reason: clusters.map((site) => `${site} has ${held.get(site)?.length ?? 0} groups there`).join(', '),
      remedy: `See their labels: kubectl --kubeconfig <kubeconfig of ${clusters[0]}> get protectiongroups -n ${order.namespace} --show-labels`,
    },
  );
}

function groupsOf(
  observation: Observation,
  site: SiteName,
  { target }: Pick<SiteFailoverOrder, 'target'>,
): readonly KubeObject[] {
  const groups = readingOf(observation, site, 'groups');
  if (groups.known) return groups.value;
  throw new CommandError(`Failover of several groups refused: those of ${site} cannot be read`, {
    reason:
      site === target
        ? groups.why
        : `${groups.why}. A planned failover stops the VMs there first, and proves it; without an answer they may still run`,
    remedy:
      site === target
        ? 'See which clusters answer: pgctl config test'
        : `Bring ${site} back within reach (pgctl config test), then run it again. Where it is lost: pgctl failover --all --to ${target} --unplanned --dry-run`,
    exit: 'notReady',
  });
}

/** Which groups each site lists for the selector. */
async function matching(
  { namespace, selector }: Pick<SiteFailoverOrder, 'namespace' | 'selector'>,
  clusters: readonly SiteName[],
  driver: Driver,
): Promise<(site: SiteName, group: string) => boolean> {
  if (selector === undefined) return () => true;
  const lists = await Promise.all(
    clusters.map(async (site) => {
      const outcome = await driver.perform({
        api: 'kube',
        site,
        verb: 'list',
        resource: resources.protectionGroup,
        namespace,
        options: { labelSelector: selector },
      });
      if (outcome.kind === 'applied')
        return listAt(outcome.body, 'items').map((item) => textAt(item, 'metadata', 'name'));
      if (outcome.kind === 'refused' && outcome.status === 400) {
        throw usageError(
          `Expected --selector to be a label selector such as tier=db,env!=test, got "${selector}": ${outcome.message}`,
        );
      }
      throw new CommandError(`Which groups of ${site} have these labels could not be read`, {
        reason: outcome.message,
        remedy: 'See which clusters answer: pgctl config test',
      });
    }),
  );
  return (site, group) => lists[clusters.indexOf(site)]?.includes(group) === true;
}

function requiredWave(site: SiteName, object: KubeObject): number {
  const wave = waveOf(object);
  if (wave !== undefined) return wave;
  const { name, annotations } = object.metadata;
  throw usageError(
    `Expected annotation ${waveAnnotation} of protection group ${name} on ${site} to be a whole number, got "${annotations?.[waveAnnotation]}"`,
    `kubectl --kubeconfig <kubeconfig of ${site}> annotate protectiongroup ${name} --overwrite ${waveAnnotation}=1`,
  );
}
