import { expect } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { pod } from './config-map.ts';
import type { Check, Scene } from './scene.ts';

/** A node that only the pods of this check ask for, by a label. */
async function makeNode(scene: Scene, name: string, taints: readonly JsonObject[] = []): Promise<string> {
  const full = `${scene.ns}-${name}`;
  const resources = { cpu: '4', memory: '8Gi', pods: '110' };
  const node = {
    metadata: { name: full, labels: { scene: scene.ns, 'kubernetes.io/hostname': full } },
    spec: { taints },
  };
  const made = await scene.make('nodes', node);
  const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'up' }];
  const status = { capacity: resources, allocatable: resources, conditions };
  await scene.accepted(scene.patch('merge', `nodes/${full}/status`, { status }));
  // The admission plugin TaintNodesByCondition taints a node until its controller, which does not run here, sees it ready.
  await scene.accepted(scene.patch('merge', `nodes/${full}`, { spec: { taints } }));
  expect(made.kind).toBe('Node');
  return full;
}

const asks = (scene: Scene, spec: JsonObject = {}): JsonObject =>
  pod('x', { nodeSelector: { scene: scene.ns }, ...spec });

const containersAsking = (requests: JsonObject): readonly JsonObject[] => [
  { name: 'main', image: 'busybox', resources: { requests } },
];

/** A scheduler that has not heard of a new node yet says something else first. */
async function saysUnschedulable(scene: Scene, pattern: RegExp): Promise<void> {
  const message: unknown = expect.stringMatching(pattern);
  await scene.eventually('pods/x', {
    status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] },
  });
}

async function removeNodes(scene: Scene): Promise<void> {
  await scene.request('DELETE', 'nodes', { query: { labelSelector: `scene=${scene.ns}` } });
}

const quorum: JsonObject = { key: 'drbd.linbit.com/lost-quorum', effect: 'NoSchedule' };

/** Where pods go, and what is said when they go nowhere. */
export const schedulingChecks: readonly Check[] = [
  [
    'a pod is bound to a node that fits',
    async (scene) => {
      const node = await makeNode(scene, 'a');
      await scene.make('pods', asks(scene));
      await scene.eventually('pods/x', {
        spec: { nodeName: node },
        status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
      });
      await removeNodes(scene);
    },
  ],
  [
    'a taint keeps pods away, with its name in the reason',
    async (scene) => {
      await makeNode(scene, 'a', [quorum]);
      await scene.make('pods', asks(scene));
      await saysUnschedulable(scene, /1 node\(s\) had untolerated taint\(s\)/);
      await removeNodes(scene);
    },
  ],
  [
    'a pod that tolerates the taint is bound',
    async (scene) => {
      const node = await makeNode(scene, 'a', [quorum]);
      await scene.make(
        'pods',
        asks(scene, { tolerations: [{ key: 'drbd.linbit.com/lost-quorum', operator: 'Exists' }] }),
      );
      await scene.eventually('pods/x', { spec: { nodeName: node } });
      await removeNodes(scene);
    },
  ],
  [
    'a waiting pod is bound when the taint goes',
    async (scene) => {
      const node = await makeNode(scene, 'a', [quorum]);
      await scene.make('pods', asks(scene));
      await saysUnschedulable(scene, /untolerated/);
      await scene.accepted(scene.patch('merge', `nodes/${node}`, { spec: { taints: null } }));
      await scene.eventually('pods/x', { spec: { nodeName: node } });
      await removeNodes(scene);
    },
  ],
  [
    'a pod whose node does not exist stays where nobody is',
    async (scene) => {
      await scene.make('pods', asks(scene, { nodeSelector: { scene: 'no-such' } }));
      await saysUnschedulable(
        scene,
        /^(no nodes available to schedule pods|0\/\d+ nodes are available: .*didn't match Pod's node affinity\/selector)/,
      );
    },
  ],
  [
    'a node that is cordoned takes nothing',
    async (scene) => {
      const node = await makeNode(scene, 'a');
      await scene.accepted(scene.patch('merge', `nodes/${node}`, { spec: { unschedulable: true } }));
      await scene.make('pods', asks(scene));
      await saysUnschedulable(scene, /1 node\(s\) were unschedulable/);
      await removeNodes(scene);
    },
  ],
  [
    'a node that is too small takes nothing, and what it lacks is named',
    async (scene) => {
      await makeNode(scene, 'a');
      await scene.make('pods', asks(scene, { containers: containersAsking({ cpu: '5', memory: '9Gi' }) }));
      await saysUnschedulable(scene, /1 Insufficient cpu, 1 Insufficient memory.* Preemption is not helpful/);
      await removeNodes(scene);
    },
  ],
  [
    'a pod that waits for room is bound when another one goes',
    async (scene) => {
      const node = await makeNode(scene, 'a');
      const containers = containersAsking({ memory: '5Gi' });
      await scene.make('pods', pod('first', { nodeSelector: { scene: scene.ns }, containers }));
      await scene.eventually('pods/first', { spec: { nodeName: node } });
      await scene.make('pods', asks(scene, { containers }));
      await saysUnschedulable(scene, /1 Insufficient memory.* No preemption victims found for incoming pod/);
      await scene.request('DELETE', 'pods/first', { query: { gracePeriodSeconds: '0' } });
      await scene.eventually('pods/x', { spec: { nodeName: node } });
      await removeNodes(scene);
    },
  ],
  [
    'a claim that does not exist is named',
    async (scene) => {
      await makeNode(scene, 'a');
      const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }];
      await scene.make('pods', asks(scene, { volumes }));
      await saysUnschedulable(scene, /persistentvolumeclaim "c" not found/);
      await removeNodes(scene);
    },
  ],
  [
    'a pod is bound once, by its binding',
    async (scene) => {
      await scene.make('pods', asks(scene, { schedulerName: 'nobody' }));
      const binding = { metadata: { name: 'x' }, target: { kind: 'Node', name: 'far' } };
      expect(await scene.accepted(scene.post('pods/x/binding', binding), 201)).toMatchObject({ status: 'Success' });
      await scene.refused(
        scene.post('pods/x/binding', binding),
        409,
        'Conflict',
        'Operation cannot be fulfilled on pods/binding "x": pod x is already assigned to node "far"',
      );
    },
  ],
];
