import { numberAt } from '../../../model/json.ts';
import { microTimestamp, timestamp } from '../../../model/instant.ts';
import { resources, type KubeObject } from '../../../model/kube.ts';
import type { ClusterPort } from '../behaviour.ts';
import { createObject, replaceObject } from './cluster-writes.ts';

/** Something said about an object. */
export interface Remark {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Who says it, such as `persistentvolume-controller`. */
  readonly component: string;
  /** The node of a node agent. */
  readonly host?: string;
  /** Set by those that use the newer events API (the scheduler): what was attempted. */
  readonly action?: string;
}

/**
 * Records an Event about an object; the same remark again raises the count of the first one.
 * Shapes: `client-go/tools/record` (events with `count`) and `client-go/tools/events` (events with `action`).
 */
export function recordEvent(port: ClusterPort, about: KubeObject, remark: Remark): void {
  if (!port.storesEvents) return;
  const namespace = namespaceOf(about);
  const name = nameOf(about, remark);
  const earlier = port.get(resources.event, namespace, name);
  if (earlier === undefined) createObject(port, resources.event, eventOf(port, about, remark, namespace, name));
  else replaceObject(port, resources.event, seenAgain(port, earlier, remark));
}

/** Records an Event unless the same was said before: for remarks that a level-triggered pass would repeat for ever. */
export function recordEventOnce(port: ClusterPort, about: KubeObject, remark: Remark): void {
  if (!port.storesEvents) return;
  const earlier = port.get(resources.event, namespaceOf(about), nameOf(about, remark));
  if (earlier === undefined) recordEvent(port, about, remark);
}

function namespaceOf(about: KubeObject): string {
  return about.metadata.namespace ?? 'default';
}

function nameOf(about: KubeObject, remark: Remark): string {
  return `${about.metadata.name}.${fingerprint(`${about.metadata.uid}|${remark.reason}|${remark.message}`)}`;
}

function eventOf(port: ClusterPort, about: KubeObject, remark: Remark, namespace: string, name: string) {
  const now = timestamp(port.wallNow);
  const isNewer = remark.action !== undefined;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: {
      kind: about.kind,
      ...(about.metadata.namespace ? { namespace: about.metadata.namespace } : {}),
      name: about.metadata.name,
      uid: about.metadata.uid,
      apiVersion: about.apiVersion,
      resourceVersion: about.metadata.resourceVersion,
    },
    reason: remark.reason,
    message: remark.message,
    source: isNewer ? {} : { component: remark.component, ...(remark.host ? { host: remark.host } : {}) },
    firstTimestamp: isNewer ? null : now,
    lastTimestamp: isNewer ? null : now,
    ...(isNewer ? {} : { count: 1 }),
    type: remark.type,
    eventTime: isNewer ? microTimestamp(port.wallNow) : null,
    ...(isNewer ? { action: remark.action } : {}),
    reportingComponent: remark.host === undefined ? remark.component : '',
    reportingInstance: isNewer ? `${remark.component}-${port.cluster}` : '',
  };
}

function seenAgain(port: ClusterPort, earlier: KubeObject, remark: Remark): KubeObject {
  if (remark.action === undefined) {
    return { ...earlier, count: (numberAt(earlier, 'count') ?? 1) + 1, lastTimestamp: timestamp(port.wallNow) };
  }
  const count = (numberAt(earlier, 'series', 'count') ?? 1) + 1;
  return { ...earlier, series: { count, lastObservedTime: microTimestamp(port.wallNow) } };
}

// The usual suffix is a time in hexadecimal; a hash of the content finds the earlier event without a search.
function fingerprint(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x1000193;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193) >>> 0;
    high = Math.imul(high ^ code, 0x85ebca6b) >>> 0;
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
