import { listAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import { type GroupPlace, groupsIn } from '../../model/listed-groups.ts';
import { type Observation, readingOf } from '../../model/observation.ts';
import { allNamespaces } from '../../model/read-plan.ts';
import type { SiteName } from '../../model/site.ts';
import { waveAnnotation, waveOf } from '../../model/wave.ts';
import type { Driver } from '../../runtime/ports.ts';
import { CommandError, usageError } from '../command-error.ts';
import { observeGroups, type Reach } from '../observe.ts';
import { requireMeant } from './given-waves.ts';
import type { SiteFailoverOrder } from './order.ts';

/** A group that is meant, and when its turn is. */
export interface SelectedGroup extends GroupPlace {
  /** What people are shown as its name: with its namespace where all namespaces are meant. */
  readonly label: string;
  readonly wave: number;
}

/**
 * The groups that an order means, by their waves and names, as these clusters tell them. Labels and wave of a group are those on
 * the first of them that has it. Throws when one does not tell its groups, when there is none, and for waves or a selector
 * that cannot be understood.
 */
export async function selectGroups(
  order: Pick<SiteFailoverOrder, 'namespace' | 'selector' | 'target' | 'waves'>,
  clusters: readonly SiteName[],
  reach: Reach,
): Promise<readonly SelectedGroup[]> {
  const { waves } = order;
  const everywhere = order.namespace === allNamespaces;
  const observation = await observeGroups(reach, clusters, { namespace: order.namespace, group: '' });
  const held = new Map(clusters.map((site) => [site, groupsOf(observation, site, order)]));
  const isMatch = await matching(order, clusters, reach.driver);
  const selected = groupsIn(observation, clusters).flatMap((place): readonly SelectedGroup[] => {
    const { namespace, group } = place;
    const [found] = clusters.flatMap((site) => {
      const object = held
        .get(site)
        ?.find(({ metadata }) => metadata.name === group && metadata.namespace === namespace);
      return object === undefined ? [] : [{ site, object }];
    });
    if (found === undefined || !isMatch(found.site, place)) return [];
    const label = everywhere ? `${namespace}/${group}` : group;
    if (waves !== undefined) return [{ ...place, label, wave: waves.ofGroup.get(group) ?? waves.others }];
    return [{ ...place, label, wave: requiredWave(found.site, found.object) }];
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
    `No protection group of ${everywhere ? 'any namespace' : `namespace ${order.namespace}`} is meant${order.selector === undefined ? '' : ` by ${order.selector}`}`,
    {
      reason: clusters.map((site) => `${site} has ${held.get(site)?.length ?? 0} groups there`).join(', '),
      remedy: `See their labels: kubectl --kubeconfig <kubeconfig of ${clusters[0]}> get protectiongroups ${everywhere ? '-A' : `-n ${order.namespace}`} --show-labels`,
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
): Promise<(site: SiteName, place: GroupPlace) => boolean> {
  if (selector === undefined) return () => true;
  const lists = await Promise.all(
    clusters.map(async (site) => {
      const outcome = await driver.perform({
        api: 'kube',
        site,
        verb: 'list',
        resource: resources.protectionGroup,
        ...(namespace === allNamespaces ? {} : { namespace }),
        options: { labelSelector: selector },
      });
      if (outcome.kind === 'applied')
        return listAt(outcome.body, 'items').map((item) => keyOf(item as unknown as KubeObject));
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
  return (site, { namespace: where, group }) => lists[clusters.indexOf(site)]?.includes(`${where}/${group}`) === true;
}

function keyOf({ metadata: { namespace, name } }: KubeObject): string {
  return `${namespace}/${name}`;
}

function requiredWave(site: SiteName, object: KubeObject): number {
  const wave = waveOf(object);
  if (wave !== undefined) return wave;
  const { namespace, name, annotations } = object.metadata;
  throw usageError(
    `Expected annotation ${waveAnnotation} of protection group ${name} on ${site} to be a whole number, got "${annotations?.[waveAnnotation]}"`,
    `kubectl --kubeconfig <kubeconfig of ${site}> annotate protectiongroup -n ${namespace} ${name} --overwrite ${waveAnnotation}=1`,
  );
}
