import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ApiServer } from '../../../src/drivers/sim/api-server/api-server.ts';
import type { ServedResource } from '../../../src/drivers/sim/api-server/served-resource.ts';
import { layoutFor } from '../../../src/lab/kube-http/table/table.ts';
import { at, isJsonObject, listAt, objectAt, textAt, type Json, type JsonObject } from '../../../src/model/json.ts';
import { resources, type KubeObject } from '../../../src/model/kube.ts';
import { admin, openServer, refusal } from '../../drivers/sim/api-server/server-under-test.ts';
import { ClusterLab } from '../../drivers/sim/behaviours/cluster-lab.ts';
import { prepareDisk, virtualMachine } from '../../drivers/sim/behaviours/manifests.ts';
import { placesOf, smallestOf, valueAt, type SchemaPath } from './smallest-object.ts';

const folder = join(process.env.LIKENESS_DATA ?? '/nowhere', 'kubevirt/crds');
const isThere = existsSync(folder);

test("KubeVirt's own definitions are there, where that is a duty", () => {
  if (!isThere)
    process.stderr.write("not run: KubeVirt's definitions: LIKENESS_DATA names no folder with kubevirt/crds\n");
  if (process.env.CI === 'true')
    expect(isThere, 'LIKENESS_DATA must name the folder that holds kubevirt/crds').toBe(true);
});

interface Definition {
  readonly name: string;
  readonly body: JsonObject;
  /** The stored version. */
  readonly version: JsonObject;
  readonly schema: JsonObject;
}

const definitions: readonly Definition[] = (isThere ? readdirSync(folder).sort() : []).map((file) => {
  const body = parse(readFileSync(join(folder, file), 'utf8')) as JsonObject;
  const version = listAt(body, 'spec', 'versions').find((each) => at(each, 'storage') === true) as JsonObject;
  const schema = objectAt(version, 'schema', 'openAPIV3Schema');
  return { name: textAt(body, 'metadata', 'name') ?? '', body, version, schema };
});

/** A server with all of them. */
function serverWithAll(): ApiServer {
  const { server } = openServer();
  for (const { body } of definitions) send(server, resources.customResourceDefinition, body);
  return server;
}

const shared = serverWithAll();

function send(
  server: ApiServer,
  resource: ServedResource['type'],
  body: Json,
  fieldValidation: 'Strict' | 'Warn' = 'Strict',
) {
  const namespace = resource.namespaced ? { namespace: 'default' } : {};
  return server.request({ verb: 'create', resource, ...namespace, body, options: { fieldValidation } }, admin);
}

function servedAs({ body, version }: Definition): ServedResource {
  const [plural, name] = [textAt(body, 'spec', 'names', 'plural'), textAt(version, 'name')];
  const found = shared.resourceTypes().find(({ type }) => type.plural === plural && type.version === name);
  if (found === undefined) throw new Error(`${plural} is not served in ${name}`);
  return found;
}

/** What rules ask of fields that a schema alone leaves open. */
const specs: Readonly<Record<string, JsonObject>> = {
  VirtualMachineBackup: {
    pvcName: 'disk',
    source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'vm' },
  },
  VirtualMachineBackupTracker: { source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'vm' } },
};

let count = 0;

/** An object of a definition with as little as it takes, and a value at one place. */
function objectOf(
  { schema }: Definition,
  served: ServedResource,
  path: SchemaPath = ['spec'],
  value?: Json,
): JsonObject {
  const { group, version, kind } = served.type;
  const { metadata: _, ...properties } = objectAt(schema, 'properties');
  const whole = smallestOf({ ...schema, properties }, path, value) as JsonObject;
  const spec = { ...objectAt(whole, 'spec'), ...specs[kind] };
  return { ...whole, apiVersion: `${group}/${version}`, kind, metadata: { name: `it-${++count}` }, spec };
}

describe.runIf(isThere)('a definition of KubeVirt', () => {
  test.each(definitions)(
    '$name is accepted word for word, established, and served in every version',
    ({ body, name }) => {
      const stored = shared.get(resources.customResourceDefinition, '', name);
      expect(listAt(stored, 'spec', 'versions')).toEqual(listAt(body, 'spec', 'versions'));
      expect(
        listAt(stored, 'status', 'conditions').map((each) => `${textAt(each, 'type')} ${textAt(each, 'status')}`),
      ).toEqual(['NamesAccepted True', 'Established True']);
      const plural = textAt(body, 'spec', 'names', 'plural');
      const versions = shared.resourceTypes().filter(({ type }) => type.plural === plural && name.endsWith(type.group));
      const names = listAt(body, 'spec', 'versions').filter((each) => at(each, 'served') === true);
      expect(new Set(versions.map(({ type }) => type.version))).toEqual(
        new Set(names.map((each) => textAt(each, 'name'))),
      );
    },
  );

  test.each(definitions)('$name takes the smallest object, and misses its spec', (definition) => {
    const served = servedAs(definition);
    expect(refusal(send(shared, served.type, objectOf(definition, served)))).toEqual({ status: 201 });
    const { spec: _, ...without } = objectOf(definition, served);
    const answer = refusal(send(shared, served.type, without));
    if (listAt(definition.schema, 'required').includes('spec')) {
      expect(answer.status).toBe(422);
      expect(answer.message).toContain('spec: Required value');
    } else expect(answer).toEqual({ status: 201 });
  });

  test.each(definitions)('$name loses a field that it does not know, with a warning, or refuses it', (definition) => {
    const served = servedAs(definition);
    const smallest = objectOf(definition, served);
    const body = { ...smallest, spec: { ...objectAt(smallest, 'spec'), unheardOf: 1 } };
    const strict = refusal(send(shared, served.type, body));
    expect([strict.status, strict.message]).toEqual([
      400,
      `${served.type.kind} in version "${served.type.version}" cannot be handled as a ${served.type.kind}: strict decoding error: unknown field "spec.unheardOf"`,
    ]);
    const lenient = send(shared, served.type, body, 'Warn');
    expect([lenient.status, lenient.warnings?.includes('unknown field "spec.unheardOf"')]).toEqual([201, true]);
    expect(objectAt(lenient.body, 'spec')).not.toHaveProperty('unheardOf');
  });

  test.each(definitions)('$name fills in each of its defaults', (definition) => {
    const served = servedAs(definition);
    for (const { path, schema } of placesOf(definition.schema)) {
      if (schema.default === undefined || path[0] !== 'spec') continue;
      const parent = path.slice(0, -1);
      const without = smallestOf(schemaAt(definition.schema, parent)) as JsonObject;
      const answer = send(shared, served.type, objectOf(definition, served, parent, { ...without }), 'Warn');
      expect([path.join('.'), refusal(answer)]).toEqual([path.join('.'), { status: 201 }]);
      expect([path.join('.'), valueAt(answer.body, path)]).toEqual([path.join('.'), schema.default]);
    }
  });

  test.each(definitions)('$name keeps what it says to preserve', (definition) => {
    const served = servedAs(definition);
    for (const { path, schema } of placesOf(definition.schema)) {
      if (schema['x-kubernetes-preserve-unknown-fields'] !== true || path[0] !== 'spec') continue;
      const kept = { anything: { at: ['all'] } };
      const answer = send(shared, served.type, objectOf(definition, served, path, kept), 'Warn');
      expect([path.join('.'), refusal(answer)]).toEqual([path.join('.'), { status: 201 }]);
      expect([path.join('.'), valueAt(answer.body, path)]).toMatchObject([path.join('.'), kept]);
    }
  });

  test.each(definitions)('$name is shown in the columns that it declares', (definition) => {
    const { columns, printer } = layoutFor(servedAs(definition));
    const declared = listAt(definition.version, 'additionalPrinterColumns').map((each) => textAt(each, 'name'));
    expect(columns.map(({ name }) => name)).toEqual(['Name', ...(declared.length === 0 ? ['Age'] : declared)]);
    expect(printer.cells({ apiVersion: '', kind: '', metadata: { name: 'it' } }, 0)).toHaveLength(columns.length);
  });
});

describe.runIf(isThere)('with the definitions of KubeVirt', () => {
  const named = (kind: string): Definition =>
    definitions.find(({ body }) => textAt(body, 'spec', 'names', 'kind') === kind)!;

  test('a VM is shown with its status, and gets the default of a status that says nothing of it', () => {
    const definition = named('VirtualMachine');
    const served = servedAs(definition);
    const answer = send(shared, served.type, objectOf(definition, served));
    const { name } = (answer.body as unknown as KubeObject).metadata;
    const place = { resource: served.type, namespace: 'default', name };
    const body = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
    const patched = shared.request({ verb: 'patch', patch: 'merge', subresource: 'status', ...place, body }, admin);
    expect(objectAt(patched.body, 'status').printableStatus).toBe('Stopped');
    const { printer } = layoutFor(served);
    const created = Date.UTC(2026, 0, 1);
    expect(printer.cells(patched.body as unknown as KubeObject, created + 5000)).toEqual([
      name,
      '5s',
      'Stopped',
      'True',
    ]);
  });

  test.each([
    { what: 'runs', strategy: 'Always' },
    { what: 'waits for its image', strategy: 'Always', images: false },
    { what: 'waits for a guest from elsewhere', strategy: 'WaitAsReceiver' },
  ])("they know every field that the world's controllers write of a VM that $what", ({ strategy, images = true }) => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    lab.pods.setImages('a', images);
    lab.send(resources.virtualMachine, virtualMachine({ runStrategy: strategy }));
    lab.runFor(10_000);
    for (const kind of ['VirtualMachine', 'VirtualMachineInstance']) {
      const served = servedAs(named(kind));
      const written = lab.get(served.type, 'vm1') as unknown as JsonObject;
      const name = `${strategy}-${images}`.toLowerCase();
      const metadata = { name, annotations: objectAt(written, 'metadata', 'annotations') };
      expect(refusal(send(shared, served.type, { ...written, metadata }))).toEqual({ status: 201 });
      if (kind === 'VirtualMachineInstance') continue;
      const body = { status: objectAt(written, 'status') };
      const place = { resource: served.type, namespace: 'default', name, subresource: 'status' };
      const options = { fieldValidation: 'Strict' } as const;
      const patched = shared.request({ verb: 'patch', patch: 'merge', ...place, body, options }, admin);
      expect(refusal(patched)).toEqual({ status: 200 });
    }
  });

  test('what has replicas is scaled', () => {
    const scaled = definitions.filter(({ version }) => isJsonObject(objectAt(version, 'subresources').scale));
    expect(scaled.map(({ name }) => name.split('.')[0])).toEqual([
      'virtualmachineinstancereplicasets',
      'virtualmachinepools',
    ]);
    for (const definition of scaled) {
      const served = servedAs(definition);
      const answer = send(shared, served.type, objectOf(definition, served, ['spec', 'replicas'], 2));
      expect(refusal(answer)).toEqual({ status: 201 });
      const { name } = (answer.body as unknown as KubeObject).metadata;
      const scale = shared.request(
        { verb: 'get', resource: served.type, namespace: 'default', name, subresource: 'scale' },
        admin,
      );
      expect([textAt(scale.body, 'kind'), at(scale.body, 'spec', 'replicas')]).toEqual(['Scale', 2]);
    }
  });

  test('the rules of a backup hold: a source of a known kind, a spec that stays', () => {
    const definition = named('VirtualMachineBackup');
    const served = servedAs(definition);
    const body = objectOf(definition, served);
    const stranger = {
      ...body,
      spec: { ...objectAt(body, 'spec'), source: { apiGroup: 'apps', kind: 'Deployment', name: 'x' } },
    };
    expect(refusal(send(shared, served.type, stranger))).toMatchObject({ status: 422, reason: 'Invalid' });
    const answer = send(shared, served.type, body);
    const { name } = (answer.body as unknown as KubeObject).metadata;
    const change = { spec: { pvcName: 'another' } };
    const place = { resource: served.type, namespace: 'default', name };
    const patched = shared.request({ verb: 'patch', patch: 'merge', ...place, body: change }, admin);
    expect(refusal(patched)).toMatchObject({ status: 422, reason: 'Invalid' });
  });
});

function schemaAt(schema: JsonObject, path: SchemaPath): JsonObject {
  const [name, ...rest] = path;
  if (name === undefined) return schema;
  if (name === '[]') return schemaAt(objectAt(schema, 'items'), rest);
  if (name === '{}') return schemaAt(objectAt(schema, 'additionalProperties'), rest);
  return schemaAt(objectAt(schema, 'properties', name), rest);
}
