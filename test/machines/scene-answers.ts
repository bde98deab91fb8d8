import { type Instant, instantOf } from '../../src/model/instant.ts';
import { at, type Json, listAt, numberAt, objectAt, textAt } from '../../src/model/json.ts';
import { known } from '../../src/model/known.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import { neededSubjects } from '../../src/model/checks/target-needs.ts';
import { type Observation, observationOf } from '../../src/model/observation.ts';
import {
  type PlannedRead,
  planSiteReads,
  planStorageReads,
  type ReadPlan,
  type StorageSubject,
  type Subject,
} from '../../src/model/read-plan.ts';
import type { DesiredState } from '../../src/model/protection-group.ts';
import type { ApiRequest, KubeRequest, Outcome } from '../../src/model/request.ts';
import { originalRunStrategyAnnotation } from '../../src/model/virtual-machine.ts';
import { namespace, type Scene, withSite, withVm } from './scene.ts';
import { objectsOf, storageOf } from './scene-objects.ts';

export const siteSubjects: readonly Subject[] = [
  'group',
  'groups',
  'operation',
  'operations',
  'recoveries',
  'lease',
  'namespace',
  'virtualMachines',
  'instances',
  'pods',
  'clusterPods',
  'claims',
  'volumes',
  'attachments',
  'nodes',
  'storageClasses',
  'secrets',
  'configMaps',
  ...neededSubjects,
];

export const storageSubjects: readonly StorageSubject[] = [
  'linstorResources',
  'linstorDefinitions',
  'linstorGroups',
  'linstorNodes',
  'linstorProperties',
];

/** Everything that can be read of a scene. */
export const wholePlan: ReadPlan = [
  ...['cluster1', 'cluster2', 'cluster3'].flatMap((site) =>
    planSiteReads(site, siteSubjects, { namespace, group: 'pg', operation: 'pg-1' }),
  ),
  ...planStorageReads(storageSubjects),
];

export function observationOfScene(scene: Scene, plan: ReadPlan = wholePlan): Observation {
  return observationOf(plan, answersOf(scene, plan), scene.now);
}

export function answersOf(scene: Scene, plan: ReadPlan): readonly Outcome[] {
  return plan.map((read) => answerOf(scene, read));
}

/** An observation in which the objects of one read are different; undefined takes an object away. */
export function changed(
  observation: Observation,
  site: string,
  subject: Subject,
  change: (object: KubeObject) => KubeObject | undefined,
): Observation {
  const there = observation.sites[site];
  const reading = there?.readings[subject];
  if (there === undefined || reading?.known !== true) return observation;
  const readings = { ...there.readings, [subject]: known(reading.value.flatMap((object) => change(object) ?? [])) };
  return { ...observation, sites: { ...observation.sites, [site]: { ...there, readings } } };
}

/** What becomes of an effect, and the scene after it: Leases, groups, VMs and nodes change as they were told to. */
export function perform(scene: Scene, request: ApiRequest): { readonly scene: Scene; readonly outcome: Outcome } {
  if (request.api !== 'kube' || scene.sites[request.site]?.answers !== true) return { scene, outcome: noAnswer };
  return { scene: sceneAfter(scene, request), outcome: { kind: 'applied', status: 200, body: {} } };
}

const noAnswer: Outcome = { kind: 'unknown', reason: 'timeout', message: 'no answer' };

function answerOf(scene: Scene, { site, subject, request }: PlannedRead): Outcome {
  if (site === undefined) {
    if (!scene.linstorAnswers) return noAnswer;
    return { kind: 'applied', status: 200, body: storageOf(scene, subject as StorageSubject) };
  }
  const there = scene.sites[site];
  if (there?.answers !== true || there.silent.includes(subject as Subject)) return noAnswer;
  const objects = objectsOf(scene, site, subject as Subject) as unknown as readonly Json[];
  const { verb, name = '' } = request as KubeRequest;
  if (verb === 'list') return { kind: 'applied', status: 200, body: { items: objects } };
  const [object] = objects;
  if (object !== undefined) return { kind: 'applied', status: 200, body: object };
  return { kind: 'refused', status: 404, reason: 'NotFound', message: 'not found', body: { details: { name } } };
}

function sceneAfter(scene: Scene, request: KubeRequest): Scene {
  const { site, body, name = '' } = request;
  switch (request.resource.plural) {
    case 'leases':
      return changedLease(scene, site, body, scene.now);
    case 'protectiongroups': {
      const group = scene.sites[site]?.group;
      const desiredState = textAt(body, 'spec', 'desiredState') as DesiredState | undefined;
      if (group === undefined) return scene;
      if (desiredState === undefined) {
        return withSite(scene, site, { group: { ...group, status: objectAt(body, 'status') } });
      }
      return withSite(scene, site, {
        group: { ...group, desiredState, epoch: numberAt(body, 'spec', 'epoch') ?? group.epoch },
      });
    }
    case 'nodes':
      return withSite(scene, site, {
        taints: listAt(body)
          .flatMap((operation) => listAt(operation, 'value'))
          .map((taint) => textAt(taint, 'key') ?? ''),
      });
    case 'virtualmachines':
      return request.verb === 'patch' ? changedVm(scene, site, name, body) : scene;
    default:
      return scene;
  }
}

function changedLease(scene: Scene, site: string, body: Json | undefined, now: Instant): Scene {
  const lease = scene.sites[site]?.lease;
  if (!Array.isArray(body)) {
    const holder = textAt(body, 'spec', 'holderIdentity') ?? '';
    return withSite(scene, site, { lease: { holder, renewedAt: now } });
  }
  const tested = body.find((operation) => textAt(operation, 'op') === 'test');
  if (lease === undefined || textAt(tested, 'value') !== lease.holder) return scene;
  const replaced = body.find((operation) => textAt(operation, 'op') === 'replace');
  const value = textAt(replaced, 'value') ?? '';
  return textAt(replaced, 'path') === '/spec/renewTime'
    ? withSite(scene, site, { lease: { ...lease, renewedAt: instantOf(value) ?? now } })
    : withSite(scene, site, { lease: { ...lease, holder: value } });
}

function changedVm(scene: Scene, site: string, vm: string, body: Json | undefined): Scene {
  const strategy = textAt(body, 'spec', 'runStrategy');
  if (strategy === undefined) return scene;
  const saved = at(body, 'metadata', 'annotations', originalRunStrategyAnnotation);
  return withVm(scene, site, vm, {
    strategy,
    ...(saved === undefined ? {} : { saved: typeof saved === 'string' ? saved : undefined }),
  });
}
