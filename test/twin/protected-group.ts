import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { MachineRecord } from '../../src/machines/definition.ts';
import type { FailoverContext } from '../../src/machines/failover/context.ts';
import { type FailoverRequest, isUnfinished, newFailover } from '../../src/model/failover.ts';
import { minute, second } from '../../src/model/instant.ts';
import type { OperatorSettings } from '../../src/drivers/sim/build-world.ts';
import { operatorReplicatedClass } from '../../src/drivers/sim/drbd-operator/operator-objects.ts';
import type { SiteTopology } from '../../src/drivers/sim/site-topology.ts';
import { type Json, type JsonObject, textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { applyObjects, demoShape, demoVirtualMachine } from '../../src/twin/demo-objects.ts';
import { startOperationHost } from '../../src/twin/operations.ts';
import { pageTimeouts } from '../../src/twin/planned-run.ts';
import { mustApply, protectGroup } from '../../src/twin/protect.ts';
import { buildTwin, type Twin } from '../../src/twin/twin.ts';

function definitionsIn(file: string): readonly JsonObject[] {
  const text = readFileSync(new URL(`../../crds/${file}`, import.meta.url), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as JsonObject);
}

const definitions = definitionsIn('protection-group-crd.yaml');

/** The resource types of DRBD Operator. */
export const operatorDefinitions = definitionsIn('drbd-operator-crds.yaml');

export const members = ['vm-1', 'vm-2'];

export interface ProtectedSettings {
  readonly heartbeats?: boolean;
  readonly history?: boolean;
  /** DRBD Operator keeps the volumes; how it is set. */
  readonly operator?: Omit<OperatorSettings, 'definitions'>;
  /** The third site: none, or one whose node votes. */
  readonly quorumSite?: 'none' | 'votes';
}

/** A twin in which two VMs run on cluster1, protected as group pg. */
export function protectedTwin(
  seed = 1,
  { heartbeats = false, history = false, operator, quorumSite }: ProtectedSettings = {},
): Twin {
  const third: SiteTopology = { name: 'cluster3', role: 'quorum', nodes: ['cluster3-node-1'] };
  const twin = buildTwin({
    seed,
    epoch: Date.UTC(2026, 0, 1),
    speed: 1,
    kubernetesVersion: 'v1.30.6',
    linstorUrl: 'http://192.0.2.200:3370',
    definitions,
    withDeployments: false,
    heartbeats,
    history,
    sites: [
      { name: 'cluster1', role: 'primary', nodes: ['cluster1-node-1'] },
      { name: 'cluster2', role: 'dr', nodes: ['cluster2-node-1'] },
      ...(quorumSite === 'none' ? [] : [quorumSite === 'votes' ? { ...third, hasSatellites: true } : third]),
    ],
    ...(operator === undefined ? {} : { drbdOperator: { ...operator, definitions: operatorDefinitions } }),
  });
  const shape = operator === undefined ? demoShape : { ...demoShape, storageClass: operatorReplicatedClass };
  for (const name of members) {
    applyObjects(twin.world.cluster('cluster1').api, demoVirtualMachine(name, 'default', shape));
  }
  twin.world.runUntil(minute);
  protectGroup(twin, {
    namespace: 'default',
    group: 'pg',
    source: 'cluster1',
    target: 'cluster2',
    virtualMachines: members,
  });
  twin.world.runUntil(2 * minute);
  return twin;
}

export function plannedRequest(name: string, source: string, target: string): FailoverRequest {
  return {
    name,
    namespace: 'default',
    group: 'pg',
    source,
    target,
    mode: 'Planned',
    rollBack: true,
    timeouts: pageTimeouts,
    requestedBy: { user: 'operator', host: 'desk', client: 'pgctl' },
  };
}

/** Records the operation on the target, as pgctl does before it drives it. */
export function createOperation(twin: Twin, request: FailoverRequest): void {
  const { namespace, target: site } = request;
  const body = newFailover(request) as unknown as Json;
  mustApply(twin, { api: 'kube', site, verb: 'create', resource: resources.failover, namespace, body });
}

/** An operation that a host outside of the clusters drives, with the states that its records went through. */
export interface Drive {
  readonly id: string;
  readonly states: readonly string[];
  readonly record: MachineRecord<FailoverContext>;
  readonly end: 'ended' | 'lost' | undefined;
}

/** Creates an operation and starts a host for it at the operator's desk. */
export function startPlanned(
  twin: Twin,
  request: FailoverRequest,
  onRecord: (record: MachineRecord<FailoverContext>) => void = () => undefined,
): Drive {
  createOperation(twin, request);
  const states: string[] = [];
  const id = `pgctl/${request.name}`;
  const host = startOperationHost(twin.world, twin.hosts, 'operator', {
    id,
    request,
    holder: id,
    otherSites: twin.otherSites,
    patient: false,
    onRecord: (record) => {
      if (states.at(-1) !== record.state) states.push(record.state);
      onRecord(record);
    },
  });
  return {
    id,
    states,
    get record() {
      return host.record;
    },
    get end() {
      return host.end;
    },
  };
}

/** Runs the world until the operation has ended, whoever drives it; at most ten minutes. Answers with its phase. */
export function runToEnd(twin: Twin, request: FailoverRequest): string {
  const phase = phaseAtEnd(twin, request);
  // The last answer is still on its way to the one who drives it.
  twin.world.runUntil(twin.world.now + second);
  return phase;
}

function phaseAtEnd({ world }: Twin, { name, target }: FailoverRequest): string {
  const limit = world.now + 10 * minute;
  const { api } = world.cluster(target);
  for (let checked = -1; world.now < limit; ) {
    if (api.version !== checked) {
      checked = api.version;
      const operation = api.get(resources.failover, 'default', name);
      if (operation !== undefined && !isUnfinished(operation)) return textAt(operation, 'status', 'phase') ?? '';
    }
    world.step();
  }
  return 'did not end';
}
