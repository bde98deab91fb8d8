import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resources } from '../../../../src/model/kube.ts';
import { unifiedDiff } from '../../../../src/drivers/sim/api-server/unified-diff.ts';
import { create, openServer, openWidgetServer, patch, refusal, widget, widgetDefinition } from './server-under-test.ts';

const { configMap, customResourceDefinition, persistentVolumeClaim } = resources;

test('a claim whose spec would change is refused with the difference', () => {
  const { server } = openServer();
  create(
    server,
    persistentVolumeClaim,
    'metadata: { name: c }\nspec: { accessModes: [ReadWriteMany], resources: { requests: { storage: 1Gi } } }',
  );
  expect(
    refusal(patch(server, persistentVolumeClaim, 'c', 'merge', { spec: { accessModes: ['ReadWriteOnce'] } })).message,
  ).toBe(
    `PersistentVolumeClaim "c" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims
@@ -1,6 +1,6 @@
 {
  "AccessModes": [
-  "ReadWriteMany"
+  "ReadWriteOnce"
  ],
  "Selector": null,
  "Resources": {
`,
  );
});

describe('a unified diff', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 12 });

  /** The second text, from the first and the diff. */
  function applyDiff(text: string, diff: string): string {
    const old = text.split('\n');
    const result: string[] = [];
    let at = 0;
    for (const hunk of diff.split(/^(?=@@ )/m).filter((part) => part !== '')) {
      const [header = '', ...body] = hunk.split('\n').slice(0, -1);
      const start = Number(/^@@ -(\d+)/.exec(header)?.[1]) - 1;
      while (at < start) result.push(old[at++] as string);
      for (const line of body) {
        if (line.startsWith('+')) result.push(line.slice(1));
        else {
          expect(old[at]).toBe(line.slice(1));
          if (line.startsWith(' ')) result.push(old[at] as string);
          at++;
        }
      }
    }
    return [...result, ...old.slice(at)].join('\n');
  }

  test('leads from one text to the other, and is empty for equal ones', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const [one, other] = [before.join('\n'), after.join('\n')];
        expect(applyDiff(one, unifiedDiff(one, other))).toBe(other);
        expect(unifiedDiff(one, one)).toBe('');
      }),
    );
  });
});

describe('a definition is refused', () => {
  test.each([
    [
      'when its name is not made of plural and group',
      (yaml: string) => yaml.replace('name: widgets.example.com', 'name: other'),
      'metadata.name: Invalid value: "other": must be spec.names.plural+"."+spec.group',
    ],
    [
      'when its scope is unknown',
      (yaml: string) => yaml.replace('scope: Namespaced', 'scope: Here'),
      'spec.scope: Unsupported value: "Here": supported values: "Cluster", "Namespaced"',
    ],
    [
      'when no version is stored',
      (yaml: string) => yaml.replace('storage: true', 'storage: false'),
      'must have exactly one version marked as storage version',
    ],
    [
      'when a rule does not compile',
      (yaml: string) => yaml.replace('self.size <= self.limit', 'self.size <='),
      'spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value',
    ],
    [
      'when a pattern is none',
      (yaml: string) => yaml.replace('^[a-z]+$', '[a-'),
      'pattern: Invalid value: "[a-": must be a valid regular expression, but isn\'t: [a-',
    ],
  ])('%s', (_title, spoil, text) => {
    const found = refusal(create(openServer().server, customResourceDefinition, spoil(widgetDefinition)));
    expect(found).toMatchObject({ status: 422, reason: 'Invalid' });
    expect(found.message).toContain(text);
  });
});

test('an applied configuration may not name fields that the schema does not have', () => {
  const { server } = openWidgetServer();
  const options = { fieldManager: 'one' };
  const unknown = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' }, bogus: 1 };
  expect(refusal(patch(server, configMap, 'c', 'apply', unknown, { options }))).toEqual({
    status: 500,
    message:
      'failed to create typed patch object (default/c; /v1, Kind=ConfigMap): .bogus: field not declared in schema',
  });
  const custom = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', namespace: 'default' },
    spec: { bogus: 1 },
  };
  expect(refusal(patch(server, widget, 'w', 'apply', custom, { options })).message).toBe(
    'failed to create typed patch object (default/w; example.com/v1, Kind=Widget): .spec.bogus: field not declared in schema',
  );
  const mistyped = { ...unknown, bogus: undefined, data: { a: 1 } };
  expect(refusal(patch(server, configMap, 'c', 'apply', mistyped, { options })).message).toBe(
    'failed to create typed patch object (default/c; /v1, Kind=ConfigMap): .data.a: expected string, got &value.valueUnstructured{Value:1}',
  );
});
