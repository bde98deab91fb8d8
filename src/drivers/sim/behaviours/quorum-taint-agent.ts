import { type Millis, timestamp } from '../../../model/instant.ts';
import { type Json, listAt, textAt } from '../../../model/json.ts';
import { type KubeObject, resources } from '../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../behaviour.ts';
import { replaceObject } from './cluster-writes.ts';
import { withTaints } from './scheduling/taints.ts';

/** Taint keys of the agent (piraeusdatastore/piraeus-ha-controller `pkg/metadata/metadata.go`). */
export const quorumTaints = {
  lostQuorum: 'drbd.linbit.com/lost-quorum',
  forceIoError: 'drbd.linbit.com/force-io-error',
} as const;

/** What the agent of a node asks DRBD. Any resource counts, also those of other groups. */
export interface NodeStorage {
  /** True when a resource with a quorum rule has none on this node. */
  lacksQuorum(node: string): boolean;
  /** True when a resource fails the requests of its openers after a forced demotion. */
  forcesIoFailures(node: string): boolean;
  /** Tells of every change of a node's view of a resource. */
  onChange(listener: (resource: string, node: string) => void): () => void;
}

/** Every agent looks at its node every 5 s, each at its own beat. */
const loop: Millis = 5000;

/**
 * The own-node taints of the Piraeus high-availability controller (`pkg/agent`, ManageOwnTaints): NoSchedule while the
 * storage of the node is not usable, taken away within 5 s after it is, and put back within 5 s after somebody removed them.
 * Between two beats nothing happens while the taints are as they should be.
 */
export function createQuorumTaintAgent(storage: NodeStorage): Behaviour {
  let port: ClusterPort | undefined;
  storage.onChange((_resource, node) => {
    if (port?.get(resources.node, '', node) === undefined) return;
    if (isDifferent(storage, port, node)) port.wakeAt(nextBeat(node, port.now), nodeKey(node));
  });
  return {
    name: 'quorum-taint-agent',
    watches: [resources.node],
    lag: 0,
    reconcile(given, key) {
      port = given;
      const node = given.get(resources.node, '', key.name);
      if (node === undefined || !given.nodeIsUp(key.name)) return;
      const wanted = wantedTaints(storage, node, given.wallNow);
      if (wanted === undefined) return;
      const beat = nextBeat(key.name, given.now);
      if (beat > given.now) given.wakeAt(beat, key);
      else replaceObject(given, resources.node, withTaints(node, wanted));
    },
  };
}

/** The node's taints as they have to be; undefined when they are. Other people's taints stay as they are. */
function wantedTaints(storage: NodeStorage, node: KubeObject, now: number): readonly Json[] | undefined {
  const present = listAt(node.spec, 'taints');
  const rules = [
    [quorumTaints.lostQuorum, storage.lacksQuorum(node.metadata.name)],
    [quorumTaints.forceIoError, storage.forcesIoFailures(node.metadata.name)],
  ] as const;
  let taints = present;
  for (const [key, isWanted] of rules) {
    const has = present.some((taint) => textAt(taint, 'key') === key);
    if (isWanted && !has) taints = [...taints, { key, effect: 'NoSchedule', timeAdded: timestamp(now) }];
    else if (!isWanted && has) taints = taints.filter((taint) => textAt(taint, 'key') !== key);
  }
  return taints === present ? undefined : taints;
}

function isDifferent(storage: NodeStorage, port: ClusterPort, name: string): boolean {
  const node = port.get(resources.node, '', name);
  return node !== undefined && wantedTaints(storage, node, port.wallNow) !== undefined;
}

/** The next beat of a node's agent, this moment included. The phase comes from the name, so that nodes do not beat together. */
function nextBeat(node: string, now: Millis): Millis {
  let phase = 0;
  for (let index = 0; index < node.length; index++) phase = (phase * 31 + node.charCodeAt(index)) % loop;
  return phase + Math.max(0, Math.ceil((now - phase) / loop)) * loop;
}

function nodeKey(name: string): ObjectKey {
  return { resource: resources.node, namespace: '', name };
}
