import { describe, expect, test } from 'vitest';
import { kubeHttpCall } from '../../../src/drivers/real/kube-request.ts';
import { resources } from '../../../src/model/kube.ts';
import type { KubeRequest, PatchKind } from '../../../src/model/request.ts';

const request = (given: Partial<KubeRequest>): KubeRequest => ({
  api: 'kube',
  site: 'cluster1',
  verb: 'get',
  resource: resources.virtualMachine,
  ...given,
});
const vm = { namespace: 'prod', name: 'vm-1' };
const lineOf = (given: Partial<KubeRequest>): string => {
  const { method, path } = kubeHttpCall(request(given));
  return `${method} ${path}`;
};

describe('method and path', () => {
  test.each<[string, Partial<KubeRequest>]>([
    ['GET /apis/kubevirt.io/v1/namespaces/prod/virtualmachines/vm-1', { verb: 'get', ...vm }],
    ['GET /apis/kubevirt.io/v1/namespaces/prod/virtualmachines', { verb: 'list', namespace: 'prod' }],
    ['GET /apis/kubevirt.io/v1/virtualmachines', { verb: 'list' }],
    ['POST /apis/kubevirt.io/v1/namespaces/prod/virtualmachines', { verb: 'create', namespace: 'prod', body: {} }],
    ['PUT /apis/kubevirt.io/v1/namespaces/prod/virtualmachines/vm-1', { verb: 'update', ...vm, body: {} }],
    [
      'PATCH /apis/kubevirt.io/v1/namespaces/prod/virtualmachines/vm-1/status',
      { verb: 'patch', patch: 'merge', ...vm, subresource: 'status', body: {} },
    ],
    ['DELETE /apis/kubevirt.io/v1/namespaces/prod/virtualmachines/vm-1', { verb: 'delete', ...vm }],
    ['GET /api/v1/persistentvolumes/pv-1', { resource: resources.persistentVolume, name: 'pv-1' }],
    ['POST /api/v1/persistentvolumes', { verb: 'create', resource: resources.persistentVolume, body: {} }],
    [
      'POST /api/v1/namespaces/prod/pods/p/eviction',
      { verb: 'create', resource: resources.pod, namespace: 'prod', name: 'p', subresource: 'eviction', body: {} },
    ],
    [
      'PUT /apis/subresources.kubevirt.io/v1/namespaces/prod/virtualmachines/vm-1/start',
      {
        verb: 'update',
        resource: { ...resources.virtualMachine, group: 'subresources.kubevirt.io' },
        ...vm,
        subresource: 'start',
        body: {},
      },
    ],
    ['GET /api/v1/namespaces/a%2Fb/pods/x%3Fy', { resource: resources.pod, namespace: 'a/b', name: 'x?y' }],
  ])('%s', (line, given) => {
    expect(lineOf(given)).toBe(line);
  });
});

describe('options', () => {
  test('selectors, versions, limits and field settings travel in the query', () => {
    const options = {
      labelSelector: 'a=b,c in (d,e)',
      fieldSelector: 'metadata.name=x',
      resourceVersion: '5',
      resourceVersionMatch: 'NotOlderThan',
      limit: 500,
      continue: 'to+ken',
    };
    const { path } = kubeHttpCall(request({ verb: 'list', options }));
    const query = new URL(path, 'http://localhost').searchParams;
    expect(Object.fromEntries(query)).toEqual({ ...options, limit: '500' });
  });

  test('server-side apply carries manager, force and field validation', () => {
    const options = { fieldManager: 'pgctl', force: true, fieldValidation: 'Strict', dryRun: true } as const;
    expect(lineOf({ verb: 'patch', patch: 'apply', ...vm, body: {}, options })).toMatch(
      /vm-1\?fieldManager=pgctl&force=true&fieldValidation=Strict&dryRun=All$/,
    );
  });

  test('a delete carries its options in the body, dry run included', () => {
    const options = {
      propagationPolicy: 'Foreground',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'u', resourceVersion: '7' },
      dryRun: true,
    } as const;
    const { path, body = '' } = kubeHttpCall(request({ verb: 'delete', ...vm, options }));
    expect(path).not.toContain('?');
    expect(JSON.parse(body)).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Foreground',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'u', resourceVersion: '7' },
      dryRun: ['All'],
    });
  });
});

describe('body', () => {
  test.each<[PatchKind, string]>([
    ['merge', 'application/merge-patch+json'],
    ['json', 'application/json-patch+json'],
    ['strategic', 'application/strategic-merge-patch+json'],
    ['apply', 'application/apply-patch+yaml'],
  ])('a %s patch is sent as %s', (patch, contentType) => {
    const { headers, body } = kubeHttpCall(request({ verb: 'patch', patch, ...vm, body: { a: [1, null] } }));
    expect(headers['content-type']).toBe(contentType);
    expect(body).toBe('{"a":[1,null]}');
  });

  test('a read has none', () => {
    const call = kubeHttpCall(request({ verb: 'get', ...vm }));
    expect(call).not.toHaveProperty('body');
    expect(call.headers).toEqual({ accept: 'application/json' });
  });
});

test.each<[string, Partial<KubeRequest>]>([
  ['a patch without its kind', { verb: 'patch', ...vm, body: {} }],
  ['a read with a kind of patch', { verb: 'get', patch: 'merge', ...vm }],
  ['a get without a name', { verb: 'get', namespace: 'prod' }],
  ['a list with a name', { verb: 'list', ...vm }],
  ['a namespaced object without a namespace', { verb: 'get', name: 'vm-1' }],
  ['a namespace for a cluster-scoped kind', { resource: resources.node, ...vm }],
])('%s is a mistake of ours', (_what, given) => {
  expect(() => kubeHttpCall(request(given))).toThrow('Internal rule broken');
});
