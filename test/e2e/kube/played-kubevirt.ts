import { at, type JsonObject, textAt } from '../../../src/model/json.ts';
import {
  apiVersionOf,
  groupResourceOf,
  type KubeObject,
  type ResourceType,
  resources,
} from '../../../src/model/kube.ts';
import type { KubeRequest } from '../../../src/model/request.ts';
import type { SiteName } from '../../../src/model/site.ts';
import type { Driver } from '../../../src/runtime/ports.ts';

/** KubeVirt's types as far as an API server has to know them: any content, and a status of its own. */
export function kubeVirtDefinitions(): readonly JsonObject[] {
  return [resources.virtualMachine, resources.virtualMachineInstance].map(definitionOf);
}

function definitionOf(type: ResourceType): JsonObject {
  const any = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: groupResourceOf(type) },
    spec: {
      group: type.group,
      scope: 'Namespaced',
      names: { plural: type.plural, kind: type.kind, singular: type.kind.toLowerCase() },
      versions: [
        {
          name: type.version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: any },
        },
      ],
    },
  };
}

/** A VM without disks. */
export function virtualMachine(name: string, runStrategy: 'Always' | 'Halted'): JsonObject {
  return {
    apiVersion: apiVersionOf(resources.virtualMachine),
    kind: 'VirtualMachine',
    metadata: { name, namespace: 'default' },
    spec: { runStrategy, template: { metadata: {}, spec: { domain: { devices: {} } } } },
  };
}

/** How long a guest takes to stop. */
const stopTime = 2000;

/** Since when the instances of VMs are on their way to stop, by site and name. */
export type Stopping = Map<string, number>;

/**
 * One round of what KubeVirt does on a cluster: what is to run gets an instance that runs, what is not to loses its own.
 * Answers the VMs that run after it.
 */
export async function playKubeVirt(driver: Driver, site: SiteName, stopping: Stopping): Promise<readonly string[]> {
  const place = { api: 'kube', site, namespace: 'default' } as const;
  const list = async (resource: ResourceType): Promise<readonly KubeObject[]> => {
    const outcome = await driver.perform({ ...place, verb: 'list', resource });
    return outcome.kind === 'applied' ? (at(outcome.body, 'items') as unknown as readonly KubeObject[]) : [];
  };
  const [machines, instances] = [await list(resources.virtualMachine), await list(resources.virtualMachineInstance)];
  const running: string[] = [];
  for (const { metadata, spec } of machines) {
    const wanted = textAt(spec, 'runStrategy') === 'Always';
    const isThere = instances.some((one) => one.metadata.name === metadata.name);
    const of: KubeRequest = { ...place, verb: 'get', resource: resources.virtualMachineInstance, name: metadata.name };
    const key = `${site}/${metadata.name}`;
    if (wanted || isThere) running.push(metadata.name);
    if (wanted && !isThere) await start(driver, of, metadata.name);
    if (!wanted && isThere) {
      const since = stopping.get(key) ?? Date.now();
      stopping.set(key, since);
      if (Date.now() - since >= stopTime) await driver.perform({ ...of, verb: 'delete' });
    } else stopping.delete(key);
  }
  return running;
}

async function start(driver: Driver, of: KubeRequest, name: string): Promise<void> {
  const { apiVersion, kind } = { apiVersion: apiVersionOf(of.resource), kind: of.resource.kind };
  const { name: _, ...place } = of;
  const body = { apiVersion, kind, metadata: { name, namespace: 'default' }, spec: {} };
  await driver.perform({ ...place, verb: 'create', body });
  const conditions = [{ type: 'Ready', status: 'True' }];
  const status = { phase: 'Running', nodeName: 'somewhere', conditions };
  await driver.perform({ ...of, verb: 'patch', subresource: 'status', patch: 'merge', body: { status } });
}
