import { numberAt, textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import { objectReadingOf, readingOf } from '../../model/observation.ts';
import type { ApiRequest, KubeRequest } from '../../model/request.ts';
import type { SiteName } from '../../model/site.ts';
import { lostNodeIn } from '../../model/source-standing.ts';
import { isFinal } from '../../model/virtual-machine.ts';
import type { Intent, SafetyRule } from '../definition.ts';
import { type DrbdTold, drbdToldBy, toldLine } from '../drbd-told.ts';
import { requestRules } from '../request-rules.ts';
import { ruleOfEffects } from '../safety-rule.ts';
import type { FailoverContext } from './context.ts';
import { isConsented, isUnplanned } from './unplanned.ts';

/** The states in which an operation orders groups and nodes. */
export const orderingStates: ReadonlySet<string> = new Set([
  'stoppingSource',
  'removingTaints',
  'startingTarget',
  'monitoringStartup',
  'rollingBack',
]);

/** What every pass of an operation keeps. */
export const failoverRules: readonly SafetyRule<FailoverContext>[] = [
  ...requestRules,
  {
    property: 'S8',
    brokenBy: ({ before, after }) =>
      after.context.epoch < before.context.epoch
        ? `the epoch falls from ${before.context.epoch} to ${after.context.epoch}`
        : undefined,
  },
  ruleOfEffects('S8', ({ request }, intent) => (isOrder(request) ? wrongEpoch(request, intent) : undefined)),
  ruleOfEffects('S5', ({ request }, intent) => {
    const told = drbdToldBy(request, []);
    return told === undefined ? undefined : wrongForce(told, intent);
  }),
  ruleOfEffects('S10', ({ request }, { after }) =>
    (isOrder(request) || isOfNode(request)) && !orderingStates.has(after.state)
      ? `orders ${request.resource.plural} in the state ${after.state}`
      : undefined,
  ),
  ruleOfEffects('S11', ({ request }, intent) => (isStart(request) ? orderedElsewhere(request, intent) : undefined)),
  ruleOfEffects('S20', ({ request }, intent) => (isStart(request) ? upElsewhere(request, intent) : undefined)),
];

function isOrder(request: ApiRequest): request is KubeRequest {
  return (
    request.api === 'kube' &&
    request.resource.plural === resources.protectionGroup.plural &&
    request.subresource === undefined
  );
}

function isOfNode(request: ApiRequest): request is KubeRequest {
  return request.api === 'kube' && request.resource.plural === resources.node.plural;
}

function isStart(request: ApiRequest): request is KubeRequest {
  return isOrder(request) && textAt(request.body, 'spec', 'desiredState') === 'running';
}

/** DRBD is told something in one state only, by an unplanned operation whose volumes a person has allowed to be forced. */
function wrongForce(told: DrbdTold, { after }: Intent<FailoverContext>): string | undefined {
  const { state, context } = after;
  const { site } = told.request;
  const isAllowed = isUnplanned(context) && isConsented(context, 'ForceQuorum');
  if (!isAllowed) return `runs ${toldLine(told)} without a consent to force`;
  if (state !== 'forcing') return `runs ${toldLine(told)} in the state ${state}`;
  return site === context.request.target ? undefined : `runs ${toldLine(told)} on ${site}`;
}

function wrongEpoch(request: KubeRequest, { after, observation }: Intent<FailoverContext>): string | undefined {
  const epoch = numberAt(request.body, 'spec', 'epoch');
  if (epoch !== after.context.epoch || epoch < 1)
    return `orders ${request.site} under epoch ${epoch}; the operation's is ${after.context.epoch}`;
  const group = objectReadingOf(observation, request.site, 'group');
  const seen = group.known ? (numberAt(group.value, 'spec', 'epoch') ?? 0) : 0;
  return seen > epoch ? `orders ${request.site} under epoch ${epoch}, where ${seen} has been seen` : undefined;
}

function orderedElsewhere({ site }: KubeRequest, { after, observation }: Intent<FailoverContext>): string | undefined {
  const other = otherSite(after.context, site);
  const group = objectReadingOf(observation, other, 'group');
  const isOrdered = group.known && textAt(group.value, 'spec', 'desiredState') === 'running';
  return isOrdered ? `starts ${site} while the group on ${other} is ordered to run` : undefined;
}

function upElsewhere({ site }: KubeRequest, { after, observation }: Intent<FailoverContext>): string | undefined {
  const { request, virtualMachines } = after.context;
  const other = otherSite(after.context, site);
  const instances = readingOf(observation, other, 'instances');
  const accepted = isUnplanned(after.context) && isConsented(after.context, 'UnverifiedSource');
  // The way back may have to do without the target; the way there never does without the source, unless a person says so.
  if (!instances.known)
    return site === request.target && !accepted ? `starts ${site} without a look at ${other}` : undefined;
  const nodes = readingOf(observation, other, 'nodes');
  const up = instances.value.find(
    (vmi) =>
      virtualMachines.includes(vmi.metadata.name) &&
      !isFinal(vmi) &&
      !(accepted && lostNodeIn(nodes, vmi) !== undefined),
  );
  return up === undefined ? undefined : `starts ${site} while ${up.metadata.name} is up on ${other}`;
}

function otherSite({ request }: FailoverContext, site: SiteName): SiteName {
  return site === request.target ? request.source : request.target;
}
