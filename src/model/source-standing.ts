import type { SiteView } from './group-view.ts';
import { listAt, textAt } from './json.ts';
import type { Known } from './known.ts';
import type { KubeObject } from './kube.ts';
import type { VirtualMachineReading } from './member-reading.ts';
import { readingOfSite } from './site-reading.ts';
import { isFinal } from './virtual-machine.ts';

/**
 * How a VM stands on a site that may be lost. `unproven`: nobody can tell whether it runs. What the API server of a site has
 * written down of a guest proves nothing once the guest's node is not Ready: KubeVirt calls it Running for as long as its pod is there.
 */
export interface Standing {
  readonly kind: 'stopped' | 'up' | 'unproven';
  /** `prod-vm-1: its node is not Ready`; the name alone where its site does not answer; empty for a VM that is proven stopped. */
  readonly why: string;
}

/** How a VM of a group stands on a site. */
export function standingOf(site: SiteView, { name, power }: VirtualMachineReading): Standing {
  if (power.state === 'stopped') return { kind: 'stopped', why: '' };
  const instance = instanceOf(site, name);
  const lost = instance && lostNodeIn(readingOfSite(site, 'nodes'), instance);
  // Not everything was told of it, but this was.
  if (power.state === 'unknown' && instance !== undefined && !isFinal(instance) && lost === undefined)
    return { kind: 'up', why: `${name} has an instance on ${site.site}, and its node is Ready` };
  if (power.state === 'unknown')
    return { kind: 'unproven', why: site.group.known ? `${name}: ${power.message}` : name };
  if (lost !== undefined) return { kind: 'unproven', why: `${name}: its node ${lost} is not Ready` };
  return { kind: 'up', why: `${name} is ${power.state} on ${site.site}: ${power.message}` };
}

function instanceOf(site: SiteView, vm: string): KubeObject | undefined {
  const instances = readingOfSite(site, 'instances');
  return instances.known ? instances.value.find(({ metadata }) => metadata.name === vm) : undefined;
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
