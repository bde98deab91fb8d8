import { existsSync, readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../../../src/model/json.ts';
import { objectAt } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import { applyDefaults } from '../../../../src/drivers/sim/api-server/schema-defaulting.ts';
import { prune } from '../../../../src/drivers/sim/api-server/schema-pruning.ts';
import { validateBySchema } from '../../../../src/drivers/sim/api-server/schema-validation.ts';
import { readSchema } from '../../../../src/drivers/sim/api-server/structural-schema.ts';
import {
  admin,
  create,
  openServer,
  openWidgetServer,
  patch,
  refusal,
  remove,
  widget,
  widgetDefinition,
} from './server-under-test.ts';

const { customResourceDefinition } = resources;

describe('a CustomResourceDefinition', () => {
  test('is established, and its resource is served with names and columns', () => {
    const { server } = openWidgetServer();
    expect(server.get(customResourceDefinition, '', 'widgets.example.com')?.status).toMatchObject({
      acceptedNames: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      conditions: [
        { type: 'NamesAccepted', status: 'True' },
        { type: 'Established', status: 'True' },
      ],
      storedVersions: ['v1'],
    });
    const served = server.resourceTypes().find(({ type }) => type.plural === 'widgets');
    expect(served).toMatchObject({
      singular: 'widget',
      shortNames: ['wd'],
      printerColumns: [{ name: 'Size' }],
      custom: true,
    });
  });

  test('takes its objects along when it goes', () => {
    const { server } = openWidgetServer();
    remove(server, customResourceDefinition, 'widgets.example.com');
    expect(server.get(customResourceDefinition, '', 'widgets.example.com')).toBeUndefined();
    expect(server.list(widget)).toEqual([]);
    expect(server.request({ verb: 'list', resource: widget }, admin).status).toBe(404);
    create(server, customResourceDefinition, widgetDefinition);
    expect(server.list(widget)).toEqual([]);
  });

  test('with a changed schema keeps the objects and checks by the new one', () => {
    const { server } = openWidgetServer();
    const narrower = parse(widgetDefinition.replace('minimum: 1', 'minimum: 5')) as JsonObject;
    patch(server, customResourceDefinition, 'widgets.example.com', 'merge', { spec: narrower['spec'] as JsonObject });
    expect(server.get(widget, 'default', 'w')).toBeDefined();
    expect(create(server, widget, 'metadata: { name: x }\nspec: { size: 3 }').status).toBe(422);
  });
});

describe('a custom resource', () => {
  test('gets its defaults, in list items too, and loses what the schema does not know', () => {
    const { server } = openWidgetServer();
    create(
      server,
      widget,
      'metadata: { name: x }\nspec: { size: 1, bogus: 1, free: { kept: 1 }, parts: [{ name: p, odd: 1 }] }\nextra: 1',
    );
    const stored = server.get(widget, 'default', 'x');
    expect(stored?.spec).toEqual({
      size: 1,
      limit: 10,
      colour: 'red',
      free: { kept: 1 },
      parts: [{ name: 'p', weight: 1 }],
    });
    expect(stored?.['extra']).toBeUndefined();
  });

  test('with unknown fields is refused, warned about or taken, as the request asks', () => {
    const { server } = openWidgetServer();
    const yaml = 'metadata: { name: x }\nspec: { size: 1, bogus: 1 }\nextra: 1';
    expect(refusal(create(server, widget, yaml, { fieldValidation: 'Strict' }))).toEqual({
      status: 400,
      reason: 'BadRequest',
      message:
        'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "extra", unknown field "spec.bogus"',
    });
    expect(create(server, widget, yaml).warnings).toEqual(['unknown field "extra"', 'unknown field "spec.bogus"']);
    expect(create(server, widget, yaml.replace('x }', 'y }'), { fieldValidation: 'Ignore' }).warnings).toBeUndefined();
  });

  test.each([
    ['{ size: "3" }', 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"', true],
    [
      '{ size: 1.5 }',
      'spec.size: Invalid value: "number": spec.size in body must be of type integer: "number", <nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.size',
      true,
    ],
    ['{ size: 0 }', 'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1', false],
    ['{ limit: 3 }', 'spec.size: Required value', true],
    ['{ size: 1, colour: blue }', 'spec.colour: Unsupported value: "blue": supported values: "red", "green"', true],
    ['{ size: 1, code: A1 }', `spec.code: Invalid value: "A1": spec.code in body should match '^[a-z]+$'`, false],
    ['{ size: 1, code: abcdef }', 'spec.code: Too long: may not be more than 5 bytes', true],
    [
      '{ size: 1, port: true }',
      'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
      true,
    ],
    ['{ size: 1, parts: [{ name: a }, { name: a }] }', 'spec.parts[1]: Duplicate value: {"name":"a"}', false],
    ['{ size: 1, parts: [{ weight: 2 }] }', 'spec.parts[0].name: Required value', true],
    ['{ size: 11 }', 'spec: Invalid value: size may not exceed limit', false],
  ])('with spec %s is refused in the words of the real server', (spec, expected, stopsRules) => {
    const { server } = openWidgetServer();
    const rules =
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
    const texts = stopsRules ? `[${expected}, ${rules}]` : expected;
    expect(refusal(create(server, widget, `metadata: { name: x }\nspec: ${spec}`))).toEqual({
      status: 422,
      reason: 'Invalid',
      message: `Widget.example.com "x" is invalid: ${texts}`,
    });
  });

  test('says in details which field is wrong and how', () => {
    const { server } = openWidgetServer();
    const answer = create(server, widget, 'metadata: { name: x }\nspec: { size: 0 }');
    expect(objectAt(answer.body, 'details')).toEqual({
      name: 'x',
      group: 'example.com',
      kind: 'Widget',
      causes: [
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: 0: spec.size in body should be greater than or equal to 1',
          field: 'spec.size',
        },
      ],
    });
  });

  test('is held to rules that compare with its old value', () => {
    const { server } = openWidgetServer();
    expect(patch(server, widget, 'w', 'merge', { spec: { owner: 'me' } }).status).toBe(200);
    expect(refusal(patch(server, widget, 'w', 'merge', { spec: { owner: 'you' } })).message).toBe(
      'Widget.example.com "w" is invalid: spec.owner: Invalid value: "you": owner is immutable',
    );
    expect(patch(server, widget, 'w', 'merge', { spec: { size: 4 } }).status).toBe(200);
  });

  test('keeps a value that became invalid, as long as nobody touches it', () => {
    const { server } = openWidgetServer();
    const narrower = parse(widgetDefinition.replace('minimum: 1', 'minimum: 5')) as JsonObject;
    patch(server, customResourceDefinition, 'widgets.example.com', 'merge', { spec: narrower['spec'] as JsonObject });
    expect(patch(server, widget, 'w', 'merge', { status: { phase: 'Ready' } }, { subresource: 'status' }).status).toBe(
      200,
    );
    expect(patch(server, widget, 'w', 'merge', { spec: { size: 2 } }).status).toBe(422);
  });
});

describe('schemas', () => {
  const document = parse(widgetDefinition) as { spec: { versions: { schema: { openAPIV3Schema: JsonObject } }[] } };
  const schema = readSchema(document.spec.versions[0]?.schema.openAPIV3Schema ?? {});
  const spec = fc.record(
    {
      size: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant('x')),
      limit: fc.oneof(fc.integer({ min: 5, max: 9 }), fc.constant(null)),
      colour: fc.constantFrom('red', 'blue', null),
      parts: fc.array(
        fc.record(
          { name: fc.constantFrom('a', 'b'), weight: fc.constantFrom(1, null), odd: fc.integer() },
          { requiredKeys: [] },
        ),
      ),
      free: fc.object({ maxDepth: 1 }) as fc.Arbitrary<JsonObject>,
      bogus: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const anyWidget = spec.map((value): JsonObject => ({ metadata: { name: 'x' }, spec: value as JsonObject }));

  test('pruning and defaulting done twice are done once', () => {
    fc.assert(
      fc.property(anyWidget, (object) => {
        const pruned = prune(object, schema, undefined, undefined);
        expect(prune(pruned, schema, undefined, undefined)).toBe(pruned);
        const filled = applyDefaults(pruned, schema, undefined);
        expect(applyDefaults(filled, schema, undefined)).toBe(filled);
        expect(prune(filled, schema, undefined, undefined)).toBe(filled);
      }),
    );
  });

  test('pruning reports exactly what it drops', () => {
    fc.assert(
      fc.property(anyWidget, (object) => {
        const dropped: string[] = [];
        const pruned = prune(object, schema, undefined, (path) => dropped.push(path));
        expect(pruned === object).toBe(dropped.length === 0);
      }),
    );
  });

  test('what was valid is valid against itself as the old value', () => {
    fc.assert(
      fc.property(anyWidget, (object) => {
        const filled = applyDefaults(prune(object, schema, undefined, undefined), schema, undefined);
        const errors = validateBySchema(filled, schema, undefined);
        const copy = JSON.parse(JSON.stringify(filled)) as JsonObject;
        if (errors.length === 0) expect(validateBySchema(copy, schema, filled)).toEqual([]);
      }),
    );
  });
});

const folder = process.env['LIKENESS_DATA'];
const definitions = folder === undefined ? '' : `${folder}/kubevirt/crds`;
const why = 'LIKENESS_DATA names no folder with kubevirt/crds';

describe(existsSync(definitions) ? "KubeVirt's definitions" : `KubeVirt's definitions (${why})`, () => {
  test.runIf(existsSync(definitions))('are all accepted, and the published manifests too', () => {
    const { server } = openServer();
    for (const file of readdirSync(definitions)) {
      expect(create(server, customResourceDefinition, readFileSync(`${definitions}/${file}`, 'utf8')).status).toBe(201);
    }
    const examples = `${folder}/kubevirt/examples`;
    for (const file of readdirSync(examples)) {
      const manifest = parse(readFileSync(`${examples}/${file}`, 'utf8')) as JsonObject;
      const served = server
        .resourceTypes()
        .find(
          ({ type }) => type.kind === manifest['kind'] && manifest['apiVersion'] === `${type.group}/${type.version}`,
        );
      if (served === undefined) continue;
      const answer = server.request(
        {
          verb: 'create',
          resource: served.type,
          namespace: 'default',
          body: manifest,
          options: { fieldValidation: 'Strict' },
        },
        admin,
      );
      expect([file, refusal(answer)]).toEqual([file, { status: 201 }]);
    }
    expect(server.list(resources.virtualMachine).length).toBeGreaterThan(3);
  });
});
