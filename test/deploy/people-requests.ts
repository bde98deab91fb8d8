import { expect } from 'vitest';
import { type JsonObject, textAt } from '../../src/model/json.ts';
import { type ResourceType, resources } from '../../src/model/kube.ts';
import type { ApiRequest } from '../../src/model/request.ts';
import { applyObjects, demoShape, demoVirtualMachine } from '../../src/twin/demo-objects.ts';
import type { Twin } from '../../src/twin/twin.ts';
import type { CliSettings } from '../cli/run-cli.ts';
import { interruptAfter, type TwinCli, withTwin } from '../cli/twin-cli.ts';
import { permissionsOf } from './scenario-requests.ts';

/** Commands that show how things are, of a group that is there. */
const looks: readonly string[] = [
  'get pg',
  'get pg production-pg --all-clusters -o wide',
  'describe protectiongroup production-pg',
  'history production-pg',
];

/** What an operator does, in an order in which each command finds what it needs. */
const acts: readonly string[] = [
  'create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2',
  'sync protectiongroup production-pg',
  'validate protectiongroup production-pg',
  ...looks,
  'failover production-pg --yes',
  'failback production-pg --yes',
  'failover production-pg --yes --unplanned --dry-run',
  'verify protectiongroup production-pg',
  'recover production-pg',
  'cancel production-pg',
  'delete protectiongroup production-pg --yes',
];

/** What pgctl asks of the clusters for its users. Every cluster is the same to it. */
export async function requestsOfPeople(): Promise<{
  readonly viewer: ReadonlySet<string>;
  readonly operator: ReadonlySet<string>;
}> {
  const [viewer, operator] = [new Set<string>(), new Set<string>()];
  await playPeople((request, isLook) => {
    for (const permission of permissionsOf(request)) {
      operator.add(permission);
      if (isLook) viewer.add(permission);
    }
  });
  return { viewer, operator };
}

/** Hears of a request of pgctl; `isLook`: of a command that shows how things are. */
type HearPerson = (request: ApiRequest, isLook: boolean) => void;

/** Has people use pgctl on both kinds of storage, and tells of every request. */
export async function playPeople(hear: HearPerson): Promise<void> {
  await withTwin((cli) => useEverything(cli, hear));
  await withTwin((cli) => useEverything(cli, hear), { storage: 'drbd-operator' });
  await withTwin((cli) => keepCopies(cli, hear));
  await withTwin((cli) => changeMind(cli, hear));
}

async function useEverything(cli: TwinCli, hear: HearPerson): Promise<void> {
  let isLook = false;
  hearDesk(cli.twin, (request) => hear(request, isLook));
  for (const words of acts) {
    isLook = looks.includes(words);
    await runAct(cli, words);
    cli.pass(60);
  }
}

/** A VM whose definition refers to more than its disk, in a namespace that the target lacks; then everything changes on the source. */
async function keepCopies(cli: TwinCli, hear: HearPerson): Promise<void> {
  hearDesk(cli.twin, (request) => hear(request, false));
  const { api } = cli.twin.world.cluster('cluster1');
  const about = { metadata: { name: 'web-1', namespace: 'web' } };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } };
  const secret = { apiVersion: 'v1', kind: 'Secret', ...about, stringData: { userdata: '#cloud-config' } };
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', ...about, data: { greeting: 'hello' } };
  const shape = { ...demoShape, userDataSecret: 'web-1' };
  applyObjects(api, [
    namespace,
    secret,
    configMap,
    ...demoVirtualMachine('web-1', 'web', shape).map(withConfiguration),
  ]);
  cli.pass(60);
  await runAct(cli, 'create protectiongroup web-pg -n web --vm web-1');
  const change = (resource: ResourceType, name: string, body: JsonObject): void => {
    const place = resource.namespaced ? { namespace: 'web' } : {};
    const { status } = api.requestFromInside({ verb: 'patch', patch: 'merge', resource, ...place, name, body });
    expect(status, name).toBe(200);
  };
  const [claim] = api.list(resources.persistentVolumeClaim, 'web');
  const labels = { metadata: { labels: { tier: 'front' } } };
  change(resources.secret, 'web-1', { stringData: { userdata: '#cloud-config\n' } });
  change(resources.configMap, 'web-1', { data: { greeting: 'good day' } });
  change(resources.virtualMachine, 'web-1', labels);
  change(resources.persistentVolumeClaim, claim?.metadata.name ?? '', labels);
  change(resources.persistentVolume, textAt(claim, 'spec', 'volumeName') ?? '', {
    spec: { persistentVolumeReclaimPolicy: 'Delete' },
  });
  await runAct(cli, 'sync protectiongroup web-pg -n web');
}

/** The VM reads a ConfigMap of its name. */
function withConfiguration(object: JsonObject): JsonObject {
  if (textAt(object, 'kind') !== 'VirtualMachine') return object;
  const copy = structuredClone(object) as JsonObject & { spec: { template: { spec: { volumes: JsonObject[] } } } };
  copy.spec.template.spec.volumes.push({ name: 'greeting', configMap: { name: 'web-1' } });
  return copy;
}

/** Operations that are left with Ctrl-C, and cancelled. */
async function changeMind(cli: TwinCli, hear: HearPerson): Promise<void> {
  hearDesk(cli.twin, (request) => hear(request, false));
  await runAct(cli, 'create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
  cli.pass(60);
  for (const words of ['failover production-pg --yes', 'verify protectiongroup production-pg']) {
    await runAct(cli, words, { interrupted: interruptAfter(cli.twin, 5) });
    await runAct(cli, 'cancel production-pg');
    cli.pass(60);
  }
}

async function runAct({ run }: TwinCli, words: string, settings: Partial<CliSettings> = {}): Promise<void> {
  const { stderr } = await run(words, settings);
  expect(stderr, words).not.toMatch(/pgctl itself failed/);
}

function hearDesk({ world }: Twin, hear: (request: ApiRequest) => void): void {
  const perform = world.perform.bind(world);
  world.perform = (request, from) => {
    if (from === 'operator') hear(request);
    return perform(request, from);
  };
}
