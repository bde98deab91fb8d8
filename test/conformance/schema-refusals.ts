import { gadget } from './gadget-definition.ts';
import type { Refusal } from './refusal.ts';

/** What a custom resource's schema and its rules refuse, with the texts. */
export const schemaRefusals: readonly Refusal[] = [
  {
    title: 'a value of the wrong type',
    send: (scene) => scene.post('gadgets', gadget('x', { size: 'five' })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.size: Invalid value: "string": spec.size in body must be of type integer: "string", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'a fraction for an integer',
    send: (scene) => scene.post('gadgets', gadget('x', { size: 1.5 })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.size: Invalid value: "number": spec.size in body must be of type integer: "number", <nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.size, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'null for an integer',
    send: (scene) => scene.post('gadgets', gadget('x', { size: null })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.size: Required value, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'a missing field',
    send: (scene) => scene.post('gadgets', { ...gadget('x', {}), spec: {} }),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.size: Required value, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'a missing spec',
    send: (scene) =>
      scene.post('gadgets', { apiVersion: 'conformance.example.com/v1', kind: 'Gadget', metadata: { name: 'x' } }),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec: Required value, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'a number below the minimum',
    send: (scene) => scene.post('gadgets', gadget('x', { size: 0 })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1, spec.replicas: Invalid value: above size]',
  },
  {
    title: 'a number above the maximum',
    send: (scene) => scene.post('gadgets', gadget('x', { size: 101 })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: spec.size: Invalid value: 101: spec.size in body should be less than or equal to 100',
  },
  {
    title: 'a value outside of an enumeration',
    send: (scene) => scene.post('gadgets', gadget('x', { mode: 'odd' })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.mode: Unsupported value: "odd": supported values: "slow", "fast", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'a text that does not match the pattern',
    send: (scene) => scene.post('gadgets', gadget('x', { code: 'a1' })),
    says: `422 Invalid: Gadget.conformance.example.com "x" is invalid: spec.code: Invalid value: "a1": spec.code in body should match '^[A-Z]{2}$'`,
  },
  {
    title: 'a text that is too long',
    send: (scene) => scene.post('gadgets', gadget('x', { code: 'ABC' })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.code: Too long: may not be more than 2 bytes, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'a text that is no date-time',
    send: (scene) => scene.post('gadgets', gadget('x', { when: 'today' })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.when: Invalid value: "today": spec.when in body must be of type date-time: "today", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'a number that is no multiple',
    send: (scene) => scene.post('gadgets', gadget('x', { ratio: 0.7 })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: spec.ratio: Invalid value: 0.7: spec.ratio in body should be a multiple of 0.5',
  },
  {
    title: 'neither an integer nor a text',
    send: (scene) => scene.post('gadgets', gadget('x', { port: true })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'a text for a boolean',
    send: (scene) => scene.post('gadgets', gadget('x', { flag: 'true' })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.flag: Invalid value: "string": spec.flag in body must be of type boolean: "string", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'a list for an object',
    send: (scene) => scene.post('gadgets', gadget('x', { box: [] })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.box: Invalid value: "array": spec.box in body must be of type object: "array", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'an object for a list',
    send: (scene) => scene.post('gadgets', gadget('x', { tags: {} })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.tags: Invalid value: "object": spec.tags in body must be of type array: "object", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'an item of the wrong type',
    send: (scene) => scene.post('gadgets', gadget('x', { tags: ['a', 1] })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.tags[1]: Invalid value: "integer": spec.tags[1] in body must be of type string: "integer", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'the same item twice in a set',
    send: (scene) => scene.post('gadgets', gadget('x', { tags: ['a', 'a'] })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: spec.tags[1]: Duplicate value: "a"',
  },
  {
    title: 'too many items',
    send: (scene) => scene.post('gadgets', gadget('x', { tags: ['a', 'b', 'c', 'd'] })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.tags: Too many: 4: must have at most 3 items, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'the same key twice in a list of named items',
    send: (scene) => scene.post('gadgets', gadget('x', { parts: [{ name: 'a' }, { name: 'a' }] })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: spec.parts[1]: Duplicate value: {"name":"a"}',
  },
  {
    title: 'a named item without its name',
    send: (scene) => scene.post('gadgets', gadget('x', { parts: [{ weight: 1 }] })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.parts[0].name: Required value, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'too many properties',
    send: (scene) => scene.post('gadgets', gadget('x', { limits: { a: 1, b: 2, c: 3 } })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.limits: Too many: 3: must have at most 2 items, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'a property of the wrong type',
    send: (scene) => scene.post('gadgets', gadget('x', { limits: { a: 'x' } })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.limits.a: Invalid value: "string": spec.limits.a in body must be of type integer: "string", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'what a rule forbids',
    send: (scene) => scene.post('gadgets', gadget('x', { mode: 'fast', size: 11 })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: spec: Invalid value: a fast gadget has at most size 10',
  },
  {
    title: 'what a rule with a path of its own forbids',
    send: (scene) => scene.post('gadgets', gadget('x', { replicas: 6 })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: spec.replicas: Invalid value: above size',
  },
  {
    title: 'what two rules forbid',
    send: (scene) => scene.post('gadgets', gadget('x', { mode: 'fast', size: 11, replicas: 60 })),
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec: Invalid value: a fast gadget has at most size 10, spec.replicas: Invalid value: far above size]',
  },
  {
    title: 'a change of what may not change',
    send: async (scene) => {
      await scene.make('gadgets', gadget('x', { owner: 'me' }));
      return scene.patch('merge', 'gadgets/x', { spec: { owner: 'you' } });
    },
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: spec.owner: Invalid value: "you": owner is immutable',
  },
  {
    title: 'a merge patch that breaks the schema',
    send: async (scene) => {
      await scene.make('gadgets', gadget('x', {}));
      return scene.patch('merge', 'gadgets/x', { spec: { size: 'big' } });
    },
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [spec.size: Invalid value: "string": spec.size in body must be of type integer: "string", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'a strategic merge patch',
    send: async (scene) => {
      await scene.make('gadgets', gadget('x', {}));
      return scene.patch('strategic', 'gadgets/x', { spec: { size: 6 } });
    },
    says: '415 UnsupportedMediaType: the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
  },
  {
    title: 'a status that breaks the schema',
    send: async (scene) => {
      await scene.make('gadgets', gadget('x', {}));
      return scene.patch('merge', 'gadgets/x/status', { status: { conditions: [{ type: 'Ready', status: 'Maybe' }] } });
    },
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: [status.conditions[0].status: Unsupported value: "Maybe": supported values: "True", "False", "Unknown", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  },
  {
    title: 'an unknown field where validation is strict',
    send: (scene) => scene.post('gadgets', gadget('x', { sizes: 1 }), { fieldValidation: 'Strict' }),
    says: '400 BadRequest: Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "spec.sizes"',
  },
  {
    title: 'several unknown fields where validation is strict',
    send: (scene) =>
      scene.post('gadgets', gadget('x', { sizes: 1, box: { shape: 'round' } }), { fieldValidation: 'Strict' }),
    says: '400 BadRequest: Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "spec.box.shape", unknown field "spec.sizes"',
  },
  {
    title: 'an unknown field in a strict patch',
    send: async (scene) => {
      await scene.make('gadgets', gadget('x', {}));
      return scene.patch('merge', 'gadgets/x', { spec: { sizes: 6 } }, { fieldValidation: 'Strict' });
    },
    says: '422 Invalid:  "" is invalid: patch: Invalid value: "{\\"apiVersion\\":\\"conformance.example.com/v1\\",\\"kind\\":\\"Gadget\\",\\"metadata\\":{\\"creationTimestamp\\":\\"TIME\\",\\"generation\\":1,\\"managedFields\\":[{\\"apiVersion\\":\\"conformance.example.com/v1\\",\\"fieldsType\\":\\"FieldsV1\\",\\"fieldsV1\\":{\\"f:spec\\":{\\".\\":{},\\"f:box\\":{\\".\\":{},\\"f:colour\\":{}},\\"f:mode\\":{},\\"f:replicas\\":{},\\"f:size\\":{}}},\\"manager\\":\\"conformance\\",\\"operation\\":\\"Update\\",\\"time\\":\\"TIME\\"}],\\"name\\":\\"x\\",\\"namespace\\":\\"ns\\",\\"resourceVersion\\":\\"VERSION\\",\\"uid\\":\\"UID\\"},\\"spec\\":{\\"box\\":{\\"colour\\":\\"grey\\"},\\"mode\\":\\"slow\\",\\"replicas\\":1,\\"size\\":5,\\"sizes\\":6}}": strict decoding error: unknown field "spec.sizes"',
  },
  {
    title: 'an unknown field in an apply',
    send: (scene) => scene.apply('gadgets/x', gadget('x', { sizes: 6 })),
    says: '500 : failed to create typed patch object (/x; conformance.example.com/v1, Kind=Gadget): .spec.sizes: field not declared in schema',
  },
  {
    title: 'a value of the wrong type in an apply',
    send: (scene) => scene.apply('gadgets/x', gadget('x', { size: 'big' })),
    says: '500 : failed to create typed patch object (/x; conformance.example.com/v1, Kind=Gadget): .spec.size: expected numeric (int or float), got string',
  },
  {
    title: 'a kind of another name',
    send: (scene) => scene.post('gadgets', { ...gadget('x', {}), kind: 'Thing' }),
    says: '422 Invalid: Thing.conformance.example.com "x" is invalid: [kind: Invalid value: "Thing": must be Gadget, spec: Invalid value: "object": no such key: replicas evaluating rule: self.replicas <= self.size]',
  },
  {
    title: 'a version of another name',
    send: (scene) => scene.post('gadgets', { ...gadget('x', {}), apiVersion: 'conformance.example.com/v2' }),
    says: '400 BadRequest: the API version in the data (conformance.example.com/v2) does not match the expected API version (conformance.example.com/v1)',
  },
  {
    title: 'a scale below zero',
    send: async (scene) => {
      await scene.make('gadgets', gadget('x', {}));
      return scene.patch('merge', 'gadgets/x/scale', { spec: { replicas: -1 } });
    },
    says: '422 Invalid: Gadget.conformance.example.com "x" is invalid: .spec.replicas: Invalid value: -1: should be a non-negative integer',
  },
];
