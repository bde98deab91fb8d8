import { consentKinds } from '../model/consent.ts';
import { components } from '../twin/faults/component-faults.ts';
import { drillFaultKinds } from '../twin/faults/drill-kinds.ts';
import { properties } from './properties/catalogue.ts';
import { crashEquivalence } from './sweep/crash-equivalence.ts';
import { resourcesByPlural } from './kubectl.ts';
import { stageQuorumSite, stageSites } from './stage-sites.ts';
import { answerFaults, hostKinds } from './tape.ts';

const site = { enum: [...stageSites] };
const anySite = { enum: [...stageSites, stageQuorumSite] };
const seconds = { type: 'integer', minimum: 0, maximum: 86_400 };
const milliseconds = { type: 'integer', minimum: 0, maximum: 86_400_000 };
const text = { type: 'string', minLength: 1 };
const hostKind = { enum: [...hostKinds] };
const probe = { const: true };
const nth = { type: 'integer', minimum: 1, maximum: 100_000 };

const group = { type: 'string', pattern: '^pg(-[2-4])?$' };

const trigger = {
  oneOf: [
    object({ at: milliseconds }),
    object({ mended: milliseconds }),
    object({ operation: text, state: text, after: milliseconds }, ['operation', 'state']),
  ],
};

const storage = object(
  {
    backend: { const: 'drbd-operator' },
    copies: { type: 'integer', minimum: 2, maximum: 4 },
    tiebreaker: anySite,
    protocol: { enum: ['A', 'C'] },
    quorum: { enum: ['majority', 'off'] },
    linstor: anySite,
    onNoQuorum: { enum: ['suspend-io', 'io-error'] },
  },
  [],
);

const fault = object(
  {
    kind: { enum: drillFaultKinds.map(({ kind }) => kind) },
    site: text,
    peer: text,
    node: text,
    vm: text,
    namespace: text,
    plane: { enum: ['api', 'drbd'] },
    how: text,
    component: { enum: Object.keys(components) },
    resource: text,
    by: { type: 'integer', minimum: -86_400_000, maximum: 86_400_000 },
  },
  ['kind'],
);

const moment = { enum: ['before', 'after'] };
/** Which requests are counted. */
const of = object(
  {
    verb: { enum: ['get', 'list', 'create', 'update', 'patch', 'delete'] },
    resource: text,
    site: anySite,
  },
  [],
);

const items = {
  failover: object(
    {
      kind: text,
      name: text,
      to: site,
      group,
      mode: { const: 'Unplanned' },
      accepts: { type: 'array', items: { enum: [...consentKinds] } },
      when: trigger,
    },
    ['kind', 'name', 'to', 'when'],
  ),
  recovery: object({ kind: text, name: text, survivor: site, repair: site, group, when: trigger }, [
    'kind',
    'name',
    'when',
  ]),
  cancel: object({ kind: text, operation: text, when: trigger }),
  edit: object({ kind: text, site, desiredState: { enum: ['running', 'stopped'] }, group, when: trigger }, [
    'kind',
    'site',
    'desiredState',
    'when',
  ]),
  sync: object({ kind: text, from: site, group, when: trigger }, ['kind', 'from', 'when']),
  fault: object({ kind: text, fault, when: trigger, lasts: { anyOf: [milliseconds, { const: 'forGood' }] } }, [
    'kind',
    'fault',
    'when',
  ]),
  kubectl: object(
    {
      kind: text,
      site: anySite,
      verb: { enum: ['create', 'patch', 'delete'] },
      resource: { enum: [...resourcesByPlural.keys()] },
      name: text,
      body: { type: 'object' },
      when: trigger,
    },
    ['kind', 'site', 'verb', 'resource', 'when'],
  ),
  answer: object({ kind: text, host: hostKind, nth, of, fault: { enum: [...answerFaults] }, times: nth, probe }, [
    'kind',
    'host',
    'nth',
    'fault',
  ]),
  crash: object({ kind: text, host: hostKind, nth, of, moment, times: nth, probe }, ['kind', 'host', 'nth', 'moment']),
  pause: object({ kind: text, host: hostKind, nth, of, moment, lasts: milliseconds, probe }, [
    'kind',
    'host',
    'nth',
    'moment',
    'lasts',
  ]),
  past: object({ kind: text, host: hostKind, look: nth, site: anySite, before: milliseconds, probe }, [
    'kind',
    'host',
    'look',
    'site',
    'before',
  ]),
  hidden: object(
    {
      kind: text,
      host: hostKind,
      site: anySite,
      resource: text,
      namespace: text,
      name: text,
      from: milliseconds,
      to: milliseconds,
      probe,
    },
    ['kind', 'host', 'site', 'resource', 'name', 'from', 'to'],
  ),
};

/** JSON Schema (2020-12, with the `discriminator` of OpenAPI) of a scenario file. */
export const scenarioSchema = object(
  {
    about: text,
    seed: { type: 'integer', minimum: 0, maximum: 0x7fffffff },
    topology: object(
      {
        nodes: { type: 'integer', minimum: 1, maximum: 5 },
        quorumSite: { type: 'boolean' },
        virtualMachines: { type: 'integer', minimum: 1, maximum: 100 },
        groups: { type: 'integer', minimum: 1, maximum: 4 },
        storage,
      },
      ['nodes', 'quorumSite', 'virtualMachines'],
    ),
    timeouts: object({
      failoverSeconds: seconds,
      vmStartSeconds: seconds,
      drbdWaitSeconds: seconds,
      taintRemovalWindowSeconds: seconds,
    }),
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['kind'],
        discriminator: { propertyName: 'kind' },
        oneOf: Object.entries(items).map(([kind, schema]) => ({
          ...schema,
          properties: { ...schema.properties, kind: { const: kind } },
        })),
      },
    },
    expect: object(
      {
        verdict: { enum: ['pass', 'fail', 'unknown'] },
        property: { enum: [...properties, crashEquivalence].map(({ id }) => id) },
        marks: { type: 'array', items: text },
      },
      ['verdict'],
    ),
  },
  ['about', 'topology', 'items', 'expect'],
);

interface ObjectSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

/** An object with these fields and no others; all of them are required unless it is said which. */
function object(properties: Readonly<Record<string, unknown>>, required = Object.keys(properties)): ObjectSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}
