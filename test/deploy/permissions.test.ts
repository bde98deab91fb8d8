import { beforeAll, describe, expect, test } from 'vitest';
import {
  followedByFailoverController,
  followedForOperations,
  followedTypes,
} from '../../src/controllers/followed-types.ts';
import type { CopiedType } from '../../src/controllers/site-copies.ts';
import { groupResourceOf } from '../../src/model/kube.ts';
import { groupControllerName } from '../../src/runtime/group-schedule.ts';
import { failoverControllerName } from '../../src/runtime/operation-schedule.ts';
import {
  clusterRoles,
  drbdOperatorRole,
  drbdOrdersRole,
  linstorRole,
  permissionsOfRole,
} from '../../tools/manifests/permissions.ts';
import { requestsOfPeople } from './people-requests.ts';
import { type Asked, requestsOfScenarios } from './scenario-requests.ts';

let asked: Asked;
beforeAll(() => {
  asked = requestsOfScenarios();
});

const followed = (types: readonly CopiedType[]): readonly string[] =>
  types.flatMap(({ resource }) => ['list', 'watch'].map((verb) => `${verb} ${groupResourceOf(resource)}`));
const events = ['create events', 'patch events'];

/** What a controller asks of its own cluster or of another one, in the scenarios and by following it. */
function needs(controller: string, place: 'own' | 'peer', besides: readonly string[]): readonly string[] {
  const all = [...(asked.get(controller) ?? [])].filter((permission) => permission.startsWith(`${place} `));
  return [...new Set([...all.map((permission) => permission.slice(place.length + 1)), ...besides])].toSorted();
}

const { groupController, failoverController } = clusterRoles;
const operations = followed(followedForOperations);

describe('a controller may do all that it does, and nothing else', () => {
  test.each([
    [
      groupController.own,
      () => needs(groupControllerName, 'own', [...followed(followedTypes('linstor').own), ...events]),
    ],
    [groupController.peer, () => needs(groupControllerName, 'peer', followed(followedTypes('linstor').peers))],
    [
      failoverController.own,
      () => needs(failoverControllerName, 'own', [...followed(followedByFailoverController), ...operations, ...events]),
    ],
    [failoverController.peer, () => needs(failoverControllerName, 'peer', operations)],
  ])('$name', (role, needed) => {
    expect(permissionsOfRole(role)).toEqual(needed());
  });
});

describe('where DRBD Operator keeps the volumes', () => {
  test('each controller has a role more, of which nothing is left over, and needs no other right', () => {
    const onOperator = requestsOfScenarios({ operator: { policy: { quorum: 'majority' } } });
    const needed = (controller: string): readonly string[] => [
      ...new Set([...(onOperator.get(controller) ?? [])].map((permission) => permission.replace(/^(own|peer) /, ''))),
    ];
    const [forGroups, forFailovers] = [drbdOperatorRole, drbdOrdersRole].map(permissionsOfRole) as [string[], string[]];
    const ofGroups = [groupController.own, groupController.peer].flatMap(permissionsOfRole);
    const ofFailovers = [failoverController.own, failoverController.peer].flatMap(permissionsOfRole);
    const groups = [...needed(groupControllerName), ...followed(followedTypes('drbd-operator').peers)];
    const failovers = needed(failoverControllerName);
    expect([...ofGroups, ...forGroups]).toEqual(expect.arrayContaining(groups));
    expect([...ofFailovers, ...forFailovers]).toEqual(expect.arrayContaining([...failovers]));
    expect(groups).toEqual(expect.arrayContaining(forGroups));
    expect(failovers).toEqual(expect.arrayContaining(forFailovers));
  });
});

describe('pgctl', () => {
  const { viewer, operator } = clusterRoles.people;

  /** What a viewer goes without. */
  const withheld = ['create pods/exec', 'get pods/exec', 'list secrets'];
  /** LINSTOR by way of the API server, orders to DRBD Operator, and quorum taints, which come and go. */
  const onOccasion = [
    ...permissionsOfRole(linstorRole),
    ...permissionsOfRole(drbdOrdersRole),
    'create services/proxy',
    'patch nodes',
  ];

  test('has no rights that its commands do not need, and all that they do', async () => {
    const needed = await requestsOfPeople();
    const reads = [...needed.viewer].filter((permission) => !withheld.includes(permission));
    expect(permissionsOfRole(viewer)).toEqual([...new Set([...reads, ...permissionsOfRole(linstorRole)])].toSorted());
    expect(permissionsOfRole(operator)).toEqual([...new Set([...needed.operator, ...onOccasion])].toSorted());
  });

  test('lets a viewer change nothing, and see no Secret', () => {
    for (const permission of permissionsOfRole(viewer)) expect(permission).toMatch(/^(get|list) (?!secrets)/);
  });
});
