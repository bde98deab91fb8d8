import { describe, expect, test } from 'vitest';
import { type Answered, DescribedApi } from './described-api.ts';

/** A description in the style of LINSTOR's: lists, a layer whose data depends on its type, failures by reference. */
const api = new DescribedApi(`
paths:
  /v1/nodes:
    parameters: []
    get:
      responses:
        '200': {content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Node'}}}}}
        '500': {$ref: '#/components/responses/Failed'}
  /v1/events:
    get: {responses: {'200': {content: {text/event-stream: {}}}}}
  /v1/nodes/{node}:
    put: {responses: {}}
  /v1/nodes/all:
    put: {responses: {}}
components:
  responses:
    Failed: {content: {application/json: {schema: {$ref: '#/components/schemas/ApiCallRcList'}}}}
  schemas:
    ApiCallRcList: {type: array, items: {$ref: '#/components/schemas/ApiCallRc'}}
    ApiCallRc: {type: object, required: [message], properties: {message: {type: string}}}
    Named: {type: object, required: [name], properties: {name: {type: string}, at: {type: string, format: date-time}}}
    Node:
      allOf:
        - $ref: '#/components/schemas/Named'
        - type: object
          properties:
            type: {type: string, enum: [Satellite]}
            id: {type: integer, format: int32}
            props: {type: object, additionalProperties: {type: string}}
            layers: {type: array, items: {$ref: '#/components/schemas/Layer'}}
    LayerType: {type: string, enum: [DRBD, STORAGE, LUKS]}
    Layer:
      type: object
      properties:
        type: {$ref: '#/components/schemas/LayerType'}
        data: {oneOf: [{$ref: '#/components/schemas/DrbdVolume'}, {$ref: '#/components/schemas/StorageVolume'}]}
    DrbdVolume: {type: object, properties: {size: {type: integer}, backing: {type: string}}}
    StorageVolume: {type: object, properties: {size: {type: integer}}}
`);

function judged(body: unknown, { method = 'GET', path = '/v1/nodes', status = 200 }: Partial<Answered> = {}) {
  return api.departures({ method, path, status, text: JSON.stringify(body) });
}

describe('an answer held against a description', () => {
  test('that is as described departs in nothing', () => {
    expect(
      judged([{ name: 'a', type: 'Satellite', props: { 'Aux/site': 'dr' }, at: '2026-01-01T00:00:00.5Z' }]),
    ).toEqual([]);
    expect(judged([], { path: '/v1/nodes?limit=1' })).toEqual([]);
    expect(judged([{ message: 'no' }], { status: 500 })).toEqual([]);
    expect(judged('event: any', { path: '/v1/events' })).toEqual([]);
  });

  test('tells undescribed, absent and wrong fields by their places', () => {
    const node = { type: 'SATELLITE', colour: 'red', id: 2 ** 40, props: { a: 1 }, layers: {}, at: 'noon' };
    expect(judged([node]).toSorted()).toEqual([
      'Node.at: no date-time',
      'Node.colour: not described',
      'Node.id: no int32',
      'Node.layers: no array',
      'Node.name: required, and absent',
      'Node.props{}: no string',
      'Node.type: "SATELLITE"',
    ]);
  });

  test('has in a layer what the layer’s type says', () => {
    const layer = (type: string, data: unknown): readonly string[] => judged([{ name: 'a', layers: [{ type, data }] }]);
    expect(layer('DRBD', { size: 1, backing: '/dev/vg/vm' })).toEqual([]);
    expect(layer('STORAGE', { size: 1, backing: '/dev/vg/vm' })).toEqual(['StorageVolume.backing: not described']);
    expect(layer('LUKS', { size: 1 })).toEqual(['data of LUKS: no not']);
  });

  test('tells what is not described at all, and holds it against messages or the items of its list', () => {
    expect(judged([{}], { status: 404 })).toEqual([
      'GET /v1/nodes: status 404',
      'ApiCallRc.message: required, and absent',
    ]);
    expect(judged({ name: 'a', colour: 'red' }, { path: '/v1/nodes/a' })).toEqual([
      'GET /v1/nodes/{name}',
      'Node.colour: not described',
    ]);
    expect(judged([], { path: '/v1/nosuch', status: 404 })).toEqual(['an unknown path']);
    expect(judged([], { method: 'POST', path: '/v1/nosuch?x=1' })).toEqual(['POST /v1/nosuch']);
    expect(api.departures({ method: 'GET', path: '/v1/nodes', status: 200, text: '' })).toEqual([
      'GET /v1/nodes: no body',
    ]);
  });

  test('belongs to the operation that its path names, a word before a parameter', () => {
    expect(api.operations).toHaveLength(4);
    expect(api.operationOf('PUT', '/v1/nodes/a')?.path).toBe('/v1/nodes/{node}');
    expect(api.operationOf('PUT', '/v1/nodes/all?x=1')?.path).toBe('/v1/nodes/all');
    expect(api.operationOf('PUT', '/v1/nodes')).toBeUndefined();
  });
});
