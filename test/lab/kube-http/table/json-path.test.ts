import { expect, test } from 'vitest';
import { valuesAt } from '../../../../src/lab/kube-http/table/json-path.ts';

const vm = {
  metadata: { labels: { 'app.kubernetes.io/name': 'web' } },
  spec: { disks: [{ name: 'root' }, { name: 'data' }] },
  status: {
    ready: false,
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Paused', status: 'False' },
    ],
  },
};

test.each([
  ['.status.ready', [false]],
  ['$.status.ready', [false]],
  ['{.status.ready}', [false]],
  ['status.ready', [false]],
  [".status.conditions[?(@.type=='Ready')].status", ['True']],
  ['.status.conditions[?(@.type!="Ready")].status', ['False']],
  ['.spec.disks[0].name', ['root']],
  ['.spec.disks[-1].name', ['data']],
  ['.spec.disks[*].name', ['root', 'data']],
  ['..name', ['root', 'data']],
  ['.metadata.labels.app\\.kubernetes\\.io/name', ['web']],
  [".metadata.labels['app.kubernetes.io/name']", ['web']],
  ['.spec.nothing', []],
  ['.spec.disks[7]', []],
  ['.spec.disks[', []],
])('%s', (path, values) => {
  expect(valuesAt(path, vm)).toEqual(values);
});
