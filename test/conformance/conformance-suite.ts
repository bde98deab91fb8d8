import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClusterUnderTest } from './cluster-under-test.ts';
import { gadgetDefinition } from './gadget-definition.ts';
import { type Check, Scene } from './scene.ts';
import { accessChecks } from './access.ts';
import { applyChecks } from './applies.ts';
import { builtinRefusals } from './builtin-refusals.ts';
import { customResourceChecks } from './custom-resources.ts';
import { leaseChecks } from './leases-and-events.ts';
import { lifetimeChecks } from './lifetimes.ts';
import { listChecks } from './lists.ts';
import { patchChecks } from './patches.ts';
import { refusalCheck } from './refusal.ts';
import { schedulingChecks } from './scheduling.ts';
import { schemaRefusals } from './schema-refusals.ts';
import { verbChecks } from './verbs.ts';
import { volumeChecks } from './volumes.ts';
import { watchChecks } from './watches.ts';

/** Every check, by subject. One body each, whatever answers. */
export const subjects: Readonly<Record<string, readonly Check[]>> = {
  verbs: verbChecks,
  patches: patchChecks,
  apply: applyChecks,
  'custom resources': customResourceChecks,
  'refused by schema': schemaRefusals.map(refusalCheck),
  'refused by rule': builtinRefusals.map(refusalCheck),
  lifetimes: lifetimeChecks,
  lists: listChecks,
  watches: watchChecks,
  access: accessChecks,
  'leases and events': leaseChecks,
  volumes: volumeChecks,
  scheduling: schedulingChecks,
};

/** Registers every check for one implementation of the Kubernetes API. */
export function describeConformance(
  name: string,
  open: () => Promise<{ readonly cluster: ClusterUnderTest; readonly close: () => Promise<void> }>,
): void {
  describe(`Kubernetes API of ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let count = 0;
    beforeAll(async () => {
      opened = await open();
      await prepare(opened.cluster);
    });
    afterAll(() => opened.close());

    for (const [subject, checks] of Object.entries(subjects)) {
      describe(subject, () => {
        for (const [title, run] of checks) {
          test(title, async () => {
            const namespace = `${process.env.CONFORMANCE_RUN ?? ''}${subject.replaceAll(' ', '-')}-${++count}`;
            const scene = await openScene(opened.cluster, namespace);
            try {
              await run(scene);
            } finally {
              scene.close();
            }
          });
        }
      });
    }
  });
}

/** Installs what the checks need. */
export async function prepare(cluster: ClusterUnderTest): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const { status } = await cluster.request({ method: 'POST', path, body: gadgetDefinition });
  expect([201, 409]).toContain(status);
  const gadgets = '/apis/conformance.example.com/v1/gadgets';
  for (let tries = 200; tries > 0; tries--) {
    const answer = await cluster.request({ method: 'GET', path: gadgets });
    if (answer.status === 200) return;
    await cluster.pass();
  }
  throw new Error('the custom resource is not served');
}

/** A namespace with its service account, without which no pod is accepted. */
export async function openScene(cluster: ClusterUnderTest, namespace: string): Promise<Scene> {
  const path = '/api/v1/namespaces';
  const { status } = await cluster.request({ method: 'POST', path, body: { metadata: { name: namespace } } });
  expect(status).toBe(201);
  const scene = new Scene(cluster, namespace);
  await scene.eventually('serviceaccounts/default', {});
  return scene;
}
