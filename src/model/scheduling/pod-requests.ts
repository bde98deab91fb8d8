import { isJsonObject, type Json, listAt, objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import { oncePer } from '../memo.ts';
import { bytesOf } from '../quantity.ts';

/**
 * Whole numbers by the names of resources: `cpu` in thousandths of a core, `memory` in bytes, others in their own units; `pods`
 * counts pods.
 */
export type Amounts = Readonly<Record<string, number>>;

/**
 * What is reserved for a pod on its node: its containers together or its largest init container, whichever is more, and its
 * overhead; what the pod as a whole requests goes before that. And one of `pods`. A quantity that cannot be read is 0.
 * Source: `PodRequests` in `staging/src/k8s.io/component-helpers/resource/helpers.go` of kubernetes/kubernetes.
 */
export const requestsOfPod = oncePer((pod: KubeObject): Amounts => {
  const containers = sumOf(listAt(pod, 'spec', 'containers').map(requestsOfContainer));
  // An init container that is restarted stays beside all that come after it.
  let sidecars: Amounts = {};
  let largest: Amounts = {};
  for (const container of listAt(pod, 'spec', 'initContainers')) {
    const own = requestsOfContainer(container);
    if (textAt(container, 'restartPolicy') === 'Always') sidecars = sumOf([sidecars, own]);
    else largest = largestOf(largest, sumOf([sidecars, own]));
  }
  const ofContainers = largestOf(sumOf([containers, sidecars]), largest);
  const ofPod = amountsIn(objectAt(pod, 'spec', 'resources', 'requests'));
  const overhead = amountsIn(objectAt(pod, 'spec', 'overhead'));
  return { ...sumOf([{ ...ofContainers, ...ofPod }, overhead]), pods: 1 };
});

/** Quantities by the names of resources, as Kubernetes writes them, as numbers. */
export function amountsIn(quantities: Json): Amounts {
  const amounts: Record<string, number> = {};
  for (const [name, quantity] of Object.entries(isJsonObject(quantities) ? quantities : {})) {
    const amount = (typeof quantity === 'string' ? bytesOf(quantity) : Number(quantity)) ?? 0;
    // Rounded up, as the scheduler does it. The inner one takes away what halves and tenths are off in binary.
    amounts[name] = Math.ceil(Number((name === 'cpu' ? amount * 1000 : amount).toPrecision(15)));
  }
  return amounts;
}

/** The sum for each resource. */
export function sumOf(all: readonly Amounts[]): Amounts {
  const sums: Record<string, number> = {};
  for (const amounts of all) {
    for (const name in amounts) sums[name] = (sums[name] ?? 0) + (amounts[name] ?? 0);
  }
  return sums;
}

function requestsOfContainer(container: Json): Amounts {
  return amountsIn(objectAt(container, 'resources', 'requests'));
}

function largestOf(a: Amounts, b: Amounts): Amounts {
  const largest: Record<string, number> = { ...a };
  for (const name in b) largest[name] = Math.max(a[name] ?? 0, b[name] ?? 0);
  return largest;
}
