import { expect, test } from 'vitest';
import { copyConfigMap, copySecret, isCopyableSecret } from '../../../src/model/definition-copy/configuration-copy.ts';
import type { KubeObject } from '../../../src/model/kube.ts';

const secret = (type?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'vm1-cloudinit', namespace: 'prod', uid: 'u', resourceVersion: '7' },
  ...(type === undefined ? {} : { type }),
  data: { userdata: 'I2Nsb3VkLWNvbmZpZw==' },
});
const metadata = {
  name: 'vm1-cloudinit',
  namespace: 'prod',
  labels: { 'siterecovery.trilio.io/copied-from': 'cluster1' },
};

test('a Secret keeps its type and data', () => {
  expect(copySecret(secret('Opaque'), 'cluster1').object).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    type: 'Opaque',
    data: { userdata: 'I2Nsb3VkLWNvbmZpZw==' },
  });
});

test('a ConfigMap keeps text and binary data', () => {
  const map = { ...secret(), kind: 'ConfigMap', data: { a: 'b' }, binaryData: { c: 'ZA==' }, immutable: true };
  expect(copyConfigMap(map, 'cluster1').object).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { a: 'b' },
    binaryData: { c: 'ZA==' },
    immutable: true,
  });
});

test.each([
  [undefined, true],
  ['Opaque', true],
  ['kubernetes.io/dockerconfigjson', true],
  ['kubernetes.io/service-account-token', false],
  ['bootstrap.kubernetes.io/token', false],
])('a Secret of type %s is copied: %s', (type, copyable) => {
  expect(isCopyableSecret(secret(type))).toBe(copyable);
});
