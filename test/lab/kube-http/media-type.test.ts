import { expect, test } from 'vitest';
import { contentTypeOf, negotiate } from '../../../src/lab/kube-http/media-type.ts';

const plain = { format: 'json', shape: 'plain', version: 'v1' };

test.each([
  [undefined, plain],
  ['*/*', plain],
  ['application/json', plain],
  ['application/vnd.kubernetes.protobuf,application/json', plain],
  ['application/yaml', { ...plain, format: 'yaml' }],
  ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', { ...plain, shape: 'table', as: 'Table' }],
  ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', plain],
  [
    'application/json; as=Table; v=v1beta1; g=meta.k8s.io',
    { ...plain, shape: 'table', version: 'v1beta1', as: 'Table' },
  ],
  [
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json',
    { ...plain, version: 'v2', as: 'APIGroupDiscoveryList' },
  ],
  ['application/vnd.kubernetes.protobuf', undefined],
  ['text/html', undefined],
])('%s', (accept, negotiated) => {
  expect(negotiate(accept)).toEqual(negotiated);
});

test('a content type is read without its parameters', () => {
  expect(contentTypeOf('Application/JSON; charset=utf-8')).toBe('application/json');
  expect(contentTypeOf(undefined)).toBe('');
});
