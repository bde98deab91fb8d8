import { numberAt, textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import { objectReadingOf, readingOf } from '../../model/observation.ts';
import type { ApiRequest, KubeRequest } from '../../model/request.ts';
import type { Intent, SafetyRule } from '../definition.ts';
import { requestRules } from '../request-rules.ts';
import { ruleOfEffects } from '../safety-rule.ts';
import type { ProtectionGroupContext } from './context.ts';

/** What every pass of a group's controller keeps. */
export const protectionGroupRules: readonly SafetyRule<ProtectionGroupContext>[] = [
  ...requestRules,
  ruleOfEffects('S8', ({ request }, intent) => (isOrder(request) ? foreignEpoch(request, intent) : undefined)),
  ruleOfEffects('S11', ({ request }) =>
    isOrder(request) && textAt(request.body, 'spec', 'desiredState') !== 'stopped'
      ? `orders ${request.site} to run ${request.name}, which only an operation may`
      : undefined,
  ),
  ruleOfEffects('S11', ({ name }, intent) => (name === 'orderStart' ? givenAway(intent) : undefined)),
];

function isOrder(request: ApiRequest): request is KubeRequest {
  return (
    request.api === 'kube' &&
    request.resource.plural === resources.protectionGroup.plural &&
    request.subresource === undefined
  );
}

/** An epoch is taken over from where it was seen; a controller never makes one. */
function foreignEpoch(
  request: KubeRequest,
  { after, observation }: Intent<ProtectionGroupContext>,
): string | undefined {
  const { site, otherSites, group } = after.context;
  const epoch = numberAt(request.body, 'spec', 'epoch');
  const groups = otherSites.map((other) => objectReadingOf(observation, other, 'group'));
  const operations = readingOf(observation, site, 'operations');
  const seen = [
    ...groups.map((reading) => numberAt(reading.known ? reading.value : undefined, 'spec', 'epoch')),
    ...(operations.known ? operations.value : [])
      .filter((operation) => textAt(operation, 'spec', 'protectionGroup') === group)
      .map((operation) => numberAt(operation, 'status', 'epoch')),
  ];
  return epoch !== undefined && seen.includes(epoch) ? undefined : `takes over epoch ${epoch}, which nobody has shown`;
}

/** What is ordered to run elsewhere by a newer order is not started here. */
function givenAway({ after, observation }: Intent<ProtectionGroupContext>): string | undefined {
  const { site, otherSites } = after.context;
  const epochAt = (place: string): { readonly epoch: number; readonly runs: boolean } => {
    const reading = objectReadingOf(observation, place, 'group');
    const group = reading.known ? reading.value : undefined;
    return {
      epoch: numberAt(group, 'spec', 'epoch') ?? 0,
      runs: textAt(group, 'spec', 'desiredState') === 'running',
    };
  };
  const own = epochAt(site).epoch;
  const other = otherSites.find((each) => epochAt(each).runs && epochAt(each).epoch > own);
  return other === undefined ? undefined : `starts VMs on ${site}, while ${other} is to run them by a newer order`;
}
