import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClusterUnderTest } from '../../conformance/cluster-under-test.ts';
import { openScene, prepare } from '../../conformance/conformance-suite.ts';
import { requestSequence } from '../../conformance/request-sequences.ts';
import { Walk, firstDifference } from '../../conformance/same-answers.ts';
import { openTwinCluster } from '../../conformance/twin-cluster.ts';
import { type ControlPlane, controlPlaneBinaries, startControlPlane } from './control-plane.ts';
import { realCluster } from './real-cluster.ts';

/** How many sequences; each is about forty milliseconds. */
const sequences = Number(process.env.KUBE_SEQUENCES ?? 1000);
/** The same sequences each time, unless asked otherwise: a suite that fails by chance teaches nobody. */
const seed = Number(process.env.KUBE_SEED ?? 1);
/** A namespace that fills up makes lists slow. */
const sequencesPerNamespace = 250;

let plane: ControlPlane;
let clusters: readonly [real: ClusterUnderTest, twin: ClusterUnderTest];

beforeAll(async () => {
  // No controller that would write to the objects of the sequences between two requests.
  const controllers = ['serviceaccount-controller'];
  plane = await startControlPlane(controlPlaneBinaries(), { controllers, schedules: false });
  clusters = [realCluster(plane), openTwinCluster({ controllers: false })];
  for (const cluster of clusters) await prepare(cluster);
});
afterAll(() => plane?.stop());

test(
  `the twin and a real API server answer ${sequences} random sequences of requests alike`,
  async () => {
    let count = 0;
    let namespaces: readonly [string, string] = ['', ''];
    const property = fc.asyncProperty(requestSequence, async (sequence) => {
      const number = count++;
      if (number % sequencesPerNamespace === 0) {
        namespaces = [`first-${number}`, `second-${number}`];
        for (const cluster of clusters) for (const namespace of namespaces) await openScene(cluster, namespace);
      }
      const [real, twin] = clusters.map((cluster) => new Walk(cluster, namespaces, `s${number}`));
      expect(await firstDifference(sequence, [real!, twin!])).toBeUndefined();
    });
    await fc.assert(property, { numRuns: sequences, seed });
  },
  60_000 + sequences * 200,
);
