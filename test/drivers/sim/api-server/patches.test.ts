import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../../src/model/json.ts';
import { builtinSchema } from '../../../../src/drivers/sim/api-server/builtin-schema.ts';
import type { SchemaNode } from '../../../../src/drivers/sim/api-server/structural-schema.ts';
import { jsonPatch } from '../../../../src/drivers/sim/api-server/patch-json.ts';
import { mergePatch } from '../../../../src/drivers/sim/api-server/patch-merge.ts';
import { strategicPatch } from '../../../../src/drivers/sim/api-server/patch-strategic.ts';
import { sameJson } from '../../../../src/drivers/sim/api-server/same-json.ts';
import { unify } from '../../../../src/drivers/sim/api-server/unify.ts';

const leaf = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom('a', 'b', ''), fc.boolean());
const { tree, object } = fc.letrec<{ tree: Json; object: JsonObject }>((tie) => ({
  tree: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('tree'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('tree'), { maxKeys: 3 }),
}));
const patchTree = fc.dictionary(
  fc.constantFrom('a', 'b', 'c'),
  fc.oneof(tree, fc.constant(null), fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(leaf, fc.constant(null)))),
);

/** RFC 7396 section 2, word for word. */
function mergePatchOfTheRfc(target: Json | undefined, change: Json): Json {
  if (change === null || typeof change !== 'object' || Array.isArray(change)) return change;
  const result: Record<string, Json> = {};
  const isObject = target !== null && typeof target === 'object' && !Array.isArray(target);
  if (isObject) Object.assign(result, target);
  for (const [field, value] of Object.entries(change as JsonObject)) {
    if (value === null) delete result[field];
    else result[field] = mergePatchOfTheRfc(result[field], value as Json);
  }
  return result;
}

describe('merge patch', () => {
  test('gives what the algorithm of RFC 7396 gives', () => {
    fc.assert(
      fc.property(object, patchTree, (target, change) => {
        expect(sameJson(mergePatch(target, change), mergePatchOfTheRfc(target, change))).toBe(true);
      }),
    );
  });

  test('answers the target itself when it changes nothing, and shares what it does not touch', () => {
    const target = { spec: { a: 1, deep: { b: [1] } }, other: { c: 2 } };
    expect(mergePatch(target, { spec: { a: 1 }, absent: null })).toBe(target);
    const patched = mergePatch(target, { spec: { a: 2 } }) as typeof target;
    expect(patched.other).toBe(target.other);
    expect(patched.spec.deep).toBe(target.spec.deep);
  });

  test('applied twice is applied once', () => {
    fc.assert(
      fc.property(object, patchTree, (target, change) => {
        const once = mergePatch(target, change);
        expect(mergePatch(once, change)).toEqual(once);
      }),
    );
  });
});

describe('JSON patch', () => {
  const apply = (target: Json, operations: Json): Json => {
    const result = jsonPatch(target, operations);
    if (result.kind !== 'patched') throw new Error(result.kind);
    return result.value;
  };

  test('a value that is added can be read, tested and removed again', () => {
    fc.assert(
      fc.property(object, tree, (target, value) => {
        const added = apply(target, [{ op: 'add', path: '/new', value }]);
        expect(apply(added, [{ op: 'test', path: '/new', value }])).toBe(added);
        expect(apply(added, [{ op: 'remove', path: '/new' }])).toEqual(target);
        expect(
          apply(added, [
            { op: 'copy', from: '/new', path: '/twin' },
            { op: 'move', from: '/twin', path: '/new' },
          ]),
        ).toEqual(added);
      }),
    );
  });

  test.each<[string, Json, Json, Json]>([
    ['inserts into a list', { l: [1, 2] }, [{ op: 'add', path: '/l/1', value: 9 }], { l: [1, 9, 2] }],
    ['appends with a dash', { l: [1] }, [{ op: 'add', path: '/l/-', value: 2 }], { l: [1, 2] }],
    [
      'reads escaped steps',
      { 'a/b': { 'c~d': 1 } },
      [{ op: 'replace', path: '/a~1b/c~0d', value: 2 }],
      { 'a/b': { 'c~d': 2 } },
    ],
    ['replaces the whole document', { a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
    ['tests the absent as null', { a: 1 }, [{ op: 'test', path: '/b', value: null }], { a: 1 }],
  ])('%s', (_title, target, operations, expected) => {
    expect(apply(target, operations)).toEqual(expected);
  });

  test.each<[string, Json]>([
    ['a test that differs', [{ op: 'test', path: '/a', value: 2 }]],
    ['removing what is not there', [{ op: 'remove', path: '/b' }]],
    ['replacing below what is not there', [{ op: 'replace', path: '/b/c', value: 1 }]],
    ['adding below what is not there', [{ op: 'add', path: '/b/c', value: 1 }]],
    ['an index out of bounds', [{ op: 'add', path: '/l/5', value: 1 }]],
    ['an operation that nobody knows', [{ op: 'swap', path: '/a' }]],
  ])('fails as a whole for %s', (_title, operations) => {
    const target = { a: 1, l: [] };
    expect(jsonPatch(target, [{ op: 'replace', path: '/a', value: 5 }, ...(operations as readonly Json[])]).kind).toBe(
      'failed',
    );
    expect(target).toEqual({ a: 1, l: [] });
  });
});

describe('strategic merge patch', () => {
  const podSchema = builtinSchema('Pod') as SchemaNode;
  const configMapSchema = builtinSchema('ConfigMap') as SchemaNode;
  const pod = {
    spec: {
      containers: [
        { name: 'a', image: '1', env: [{ name: 'X', value: 'x' }] },
        { name: 'b', image: '2' },
      ],
      tolerations: [{ key: 'k' }],
    },
  };

  test('merges lists with a key item by item and replaces the others', () => {
    const change = { spec: { containers: [{ name: 'a', env: [{ name: 'Y', value: 'y' }] }], tolerations: [] } };
    expect(strategicPatch(podSchema, pod, change)).toEqual({
      spec: {
        containers: [
          {
            name: 'a',
            image: '1',
            env: [
              { name: 'Y', value: 'y' },
              { name: 'X', value: 'x' },
            ],
          },
          { name: 'b', image: '2' },
        ],
        tolerations: [],
      },
    });
  });

  test.each<[string, JsonObject, Json]>([
    [
      'deletes an item',
      { containers: [{ $patch: 'delete', name: 'a' }] },
      { containers: [{ name: 'b', image: '2' }], tolerations: [{ key: 'k' }] },
    ],
    [
      'replaces a list',
      { containers: [{ name: 'c' }, { $patch: 'replace' }] },
      { containers: [{ name: 'c' }], tolerations: [{ key: 'k' }] },
    ],
    ['keeps only the retained fields', { $retainKeys: ['tolerations'] }, { tolerations: [{ key: 'k' }] }],
    ['replaces an object', { $patch: 'replace', nodeName: 'n' }, { nodeName: 'n' }],
  ])('%s by a directive', (_title, change, expected) => {
    expect(strategicPatch(podSchema, pod, { spec: change })['spec']).toEqual(expected);
  });

  test('orders items as asked and deletes values from sets', () => {
    const change = {
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
      containers: [{ name: 'a', image: '3' }],
    };
    const spec = strategicPatch(podSchema, pod, { spec: change })['spec'] as { containers: { name: string }[] };
    expect(spec.containers.map(({ name }) => name)).toEqual(['b', 'a']);
    const metadata = { finalizers: ['x', 'y'] };
    expect(
      strategicPatch(podSchema, { metadata }, { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'] } }),
    ).toEqual({ metadata: { finalizers: ['y'] } });
  });

  test('agrees with a merge patch where there are no lists', () => {
    const noLists = fc.dictionary(
      fc.constantFrom('a', 'b'),
      fc.oneof(leaf, fc.dictionary(fc.constantFrom('a', 'b'), leaf)),
    );
    fc.assert(
      fc.property(noLists, noLists, (target, change) => {
        expect(strategicPatch(configMapSchema, target, change)).toEqual(mergePatch(target, change));
      }),
    );
  });
});

test('unify keeps the value and answers the old object exactly when nothing differs', () => {
  fc.assert(
    fc.property(object, object, (value, old) => {
      const unified = unify(value, old);
      expect(unified).toEqual(value);
      expect(unified === old).toBe(sameJson(value, old));
    }),
  );
});
