import { describe, expect, test } from 'vitest';
import { numberAt, textAt, type JsonObject } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import { ClusterLab } from './cluster-lab.ts';
import { prepareNamespace } from './manifests.ts';

const second = 1000;

function deployment(): JsonObject {
  const labels = { app: 'failover-controller' };
  return {
    metadata: { name: 'failover-controller', namespace: 'shop' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'controller:1' }] } },
    },
  };
}

const podsOf = (lab: ClusterLab) =>
  lab.api.list(resources.pod, 'shop').filter((pod) => pod.metadata.labels?.app === 'failover-controller');

function deployed(): ClusterLab {
  const lab = new ClusterLab();
  prepareNamespace(lab);
  lab.send(resources.deployment, deployment());
  lab.runFor(5 * second);
  return lab;
}

describe('a Deployment', () => {
  test('has as many running pods as it wants, and says so', () => {
    const lab = deployed();
    expect(podsOf(lab).map((pod) => textAt(pod, 'status', 'phase'))).toEqual(['Running']);
    expect(numberAt(lab.get(resources.deployment, 'failover-controller'), 'status', 'readyReplicas')).toBe(1);
    lab.mergePatch(resources.deployment, 'failover-controller', { spec: { replicas: 2 } });
    lab.runFor(5 * second);
    expect(podsOf(lab)).toHaveLength(2);
    lab.mergePatch(resources.deployment, 'failover-controller', { spec: { replicas: 0 } });
    lab.runFor(10 * second);
    expect(podsOf(lab)).toEqual([]);
  });

  test('replaces its pods when the template changes, the new one first', () => {
    const lab = deployed();
    const before = podsOf(lab)[0]?.metadata.name;
    const container = { name: 'main', image: 'controller:1', env: [{ name: 'CLUSTER_ROLE', value: 'dr' }] };
    lab.mergePatch(resources.deployment, 'failover-controller', {
      spec: { template: { spec: { containers: [container] } } },
    });
    lab.runFor(10 * second);
    const after = podsOf(lab).map((pod) => pod.metadata.name);
    expect(after).toHaveLength(1);
    expect(after).not.toContain(before);
  });

  test('makes a new pod for one that was deleted, and takes them along when it goes', () => {
    const lab = deployed();
    const before = podsOf(lab)[0]?.metadata.name ?? '';
    lab.delete(resources.pod, before);
    lab.runFor(10 * second);
    expect(podsOf(lab)).toHaveLength(1);
    expect(podsOf(lab)[0]?.metadata.name).not.toBe(before);
    lab.delete(resources.deployment, 'failover-controller');
    lab.runFor(10 * second);
    expect(podsOf(lab)).toEqual([]);
  });
});
