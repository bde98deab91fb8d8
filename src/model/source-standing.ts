import type { SiteView } from './group-view.ts';
import { listAt, textAt } from './json.ts';
import type { Known } from './known.ts';
import type { KubeObject } from './kube.ts';
import type { VirtualMachineReading } from './member-reading.ts';
import { readingOfSite } from './site-reading.ts';

/**
 * How a VM stands on a site that may be lost. `unproven`: nobody can tell whether it runs. What the API server of a site has
 * written down of a guest proves nothing once the guest's node is not Ready: KubeVirt calls it Running for as long as its pod is there.
 */
export interface Standing {
  readonly kind: 'stopped' | 'up' | 'unproven';
  /** `prod-vm-1: its node is not Ready`; empty for a VM that is proven stopped. */
  readonly why: string;
}

/** How a VM of a group stands on a site. */
export function standingOf(site: SiteView, { name, power }: VirtualMachineReading): Standing {
  if (power.state === 'stopped') return { kind: 'stopped', why: '' };
  if (power.state === 'unknown') return { kind: 'unproven', why: `${name}: ${power.message}` };
  const lost = lostNodeOf(site, name);
  if (lost !== undefined) return { kind: 'unproven', why: `${name}: its node ${lost} is not Ready` };
  return { kind: 'up', why: `${name} is ${power.state} on ${site.site}: ${power.message}` };
}

/** The node that a VM was last on, where that is not Ready or not there; undefined otherwise, and when that cannot be told. */
export function lostNodeOf(site: SiteView, vm: string): string | undefined {
  const instances = readingOfSite(site, 'instances');
  const instance = instances.known ? instances.value.find(({ metadata }) => metadata.name === vm) : undefined;
  return instance && lostNodeIn(readingOfSite(site, 'nodes'), instance);
}

/** The node of an instance, where the nodes of its site show it as not Ready, or not at all; undefined otherwise. */
export function lostNodeIn(nodes: Known<readonly KubeObject[]>, instance: KubeObject): string | undefined {
  if (!nodes.known) return undefined;
  const name = textAt(instance, 'status', 'nodeName');
  if (name === undefined || name === '') return undefined;
  const node = nodes.value.find(({ metadata }) => metadata.name === name);
  return node !== undefined && isReady(node) ? undefined : name;
}

function isReady(node: KubeObject): boolean {
  return listAt(node, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  );
}
