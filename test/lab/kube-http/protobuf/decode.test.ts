import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeProtobuf } from '../../../../src/lab/kube-http/protobuf/decode.ts';
import { WireError } from '../../../../src/lab/kube-http/protobuf/wire.ts';

// A writer of the wire format, so that what is read back was written by other code.
const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 128))];
const bytes = (field: number, content: readonly number[]): number[] => [
  ...varint(field * 8 + 2),
  ...varint(content.length),
  ...content,
];
const text = (field: number, value: string): number[] => bytes(field, [...Buffer.from(value)]);
const integer = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
const envelope = (apiVersion: string, kind: string, object: readonly number[]): Buffer =>
  Buffer.from([...Buffer.from('k8s\0'), ...bytes(1, [...text(1, apiVersion), ...text(2, kind)]), ...bytes(2, object)]);

const metadata = (name: string): number[] => bytes(1, text(1, name));

test('an object with maps of text and of bytes', () => {
  const data = bytes(2, [...text(1, 'a'), ...text(2, '1')]);
  const binary = bytes(3, [...text(1, 'b'), ...bytes(2, [255, 0])]);
  expect(decodeProtobuf(envelope('v1', 'ConfigMap', [...metadata('c'), ...data, ...binary]))).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c' },
    data: { a: '1' },
    binaryData: { b: '/wA=' },
  });
});

test('fields of an embedded message are those of its owner', () => {
  const selector = bytes(2, bytes(3, [...bytes(1, text(1, 'settings')), ...text(2, 'key')]));
  const container = bytes(2, [...text(1, 'main'), ...bytes(7, [...text(1, 'VAR'), ...bytes(3, selector.slice(2))])]);
  const { spec } = decodeProtobuf(envelope('v1', 'Pod', bytes(2, container)));
  expect(spec).toEqual({
    containers: [
      { name: 'main', env: [{ name: 'VAR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'key' } } }] },
    ],
  });
});

test('zero is left out, but for what a pointer says', () => {
  const spec = bytes(2, [...integer(1, 0), ...integer(5, 0)]);
  expect(decodeProtobuf(envelope('apps/v1', 'Deployment', spec)).spec).toEqual({ replicas: 0 });
});

test('messages with a form of their own: times, quantities, numbers or text', () => {
  const created = bytes(1, bytes(8, integer(1, 1_767_225_600)));
  const requests = bytes(2, [...text(1, 'storage'), ...bytes(2, text(1, '10Gi'))]);
  const claim = decodeProtobuf(envelope('v1', 'PersistentVolumeClaim', [...created, ...bytes(2, bytes(2, requests))]));
  expect(claim.metadata).toEqual({ creationTimestamp: '2026-01-01T00:00:00Z' });
  expect(claim.spec).toEqual({ resources: { requests: { storage: '10Gi' } } });
  const ports = [
    bytes(1, [...integer(3, 80), ...bytes(4, integer(2, 8080))]),
    bytes(1, bytes(4, [...integer(1, 1), ...text(3, 'web')])),
  ];
  const service = decodeProtobuf(envelope('v1', 'Service', bytes(2, ports.flat())));
  expect(service.spec).toEqual({ ports: [{ port: 80, targetPort: 8080 }, { targetPort: 'web' }] });
});

describe('bytes that are no object', () => {
  test.each([
    ['no envelope', Buffer.from('{"a":1}')],
    ['an unknown kind', envelope('v1', 'Nothing', [])],
    ['a message cut off', envelope('v1', 'ConfigMap', metadata('c')).subarray(0, -1)],
  ])('%s', (_what, given) => {
    expect(() => decodeProtobuf(given)).toThrow();
  });

  test('any bytes at all are an object or an error, never more', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (content) => {
        try {
          expect(decodeProtobuf(envelope('v1', 'Pod', [...content])).kind).toBe('Pod');
        } catch (cause) {
          expect(cause instanceof WireError || cause instanceof TypeError || cause instanceof SyntaxError).toBe(true);
        }
      }),
    );
  });
});
