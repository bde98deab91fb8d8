import { expect, test } from 'vitest';
import { routeOf } from '../../../src/lab/kube-http/route.ts';

const resource = { kind: 'resource', group: '', version: 'v1' };
const vms = { kind: 'resource', group: 'kubevirt.io', version: 'v1', plural: 'virtualmachines' };

test.each([
  ['/api', { kind: 'coreVersions' }],
  ['/apis', { kind: 'groupList' }],
  ['/apis/', { kind: 'groupList' }],
  ['/apis/apps', { kind: 'group', group: 'apps' }],
  ['/api/v1', { kind: 'resourceList', group: '', version: 'v1' }],
  ['/apis/apps/v1', { kind: 'resourceList', group: 'apps', version: 'v1' }],
  ['/openapi/v3', { kind: 'openApiIndex' }],
  ['/openapi/v3/api/v1', { kind: 'openApi', group: '', version: 'v1' }],
  ['/openapi/v3/apis/apps/v1', { kind: 'openApi', group: 'apps', version: 'v1' }],
  ['/readyz/ping', { kind: 'document', path: '/readyz/ping' }],
  ['/api/v1/pods', { ...resource, plural: 'pods' }],
  ['/api/v1/nodes/n1', { ...resource, plural: 'nodes', name: 'n1' }],
  ['/api/v1/nodes/n1/status', { ...resource, plural: 'nodes', name: 'n1', subresource: 'status' }],
  ['/api/v1/namespaces', { ...resource, plural: 'namespaces' }],
  ['/api/v1/namespaces/demo', { ...resource, plural: 'namespaces', name: 'demo' }],
  ['/api/v1/namespaces/demo/finalize', { ...resource, plural: 'namespaces', name: 'demo', subresource: 'finalize' }],
  ['/api/v1/namespaces/demo/pods', { ...resource, plural: 'pods', namespace: 'demo' }],
  [
    '/api/v1/namespaces/demo/pods/web/log',
    { ...resource, plural: 'pods', namespace: 'demo', name: 'web', subresource: 'log' },
  ],
  ['/apis/kubevirt.io/v1/namespaces/demo/virtualmachines/vm%2D1', { ...vms, namespace: 'demo', name: 'vm-1' }],
  [
    '/api/v1/namespaces/demo/services/http:web:80/proxy/a//b/',
    { kind: 'serviceProxy', namespace: 'demo', service: 'http:web:80', path: '/a//b/' },
  ],
  [
    '/api/v1/namespaces/demo/services/web/proxy',
    { kind: 'serviceProxy', namespace: 'demo', service: 'web', path: '/' },
  ],
  ['/api/v1/namespaces/demo/pods/web/log/more', { kind: 'unknown' }],
  ['/api/v1/namespaces/%zz/pods', { kind: 'unknown' }],
  ['/nowhere', { kind: 'unknown' }],
])('%s', (path, route) => {
  expect(routeOf(path)).toEqual(route);
});
