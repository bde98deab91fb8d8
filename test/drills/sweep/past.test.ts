import { beforeAll, expect, test } from 'vitest';
import { Past } from '../../../src/drills/past.ts';
import { setStage, type Stage, stageNamespace } from '../../../src/drills/stage.ts';
import { listAt, textAt } from '../../../src/model/json.ts';
import { resources } from '../../../src/model/kube.ts';
import type { KubeRequest, Outcome } from '../../../src/model/request.ts';
import { answerTo } from '../../../src/twin/protect.ts';
import { calm } from '../calm.ts';
import { definitions } from '../definitions.ts';

const place = { api: 'kube', site: 'cluster2', resource: resources.configMap, namespace: stageNamespace } as const;
const list: KubeRequest = { ...place, verb: 'list' };
const getLeft: KubeRequest = { ...place, verb: 'get', name: 'left' };
const getNew: KubeRequest = { ...place, verb: 'get', name: 'new' };

let stage: Stage;
let past: Past;
let middle: number;

/** `left` is made and changed, then `left` is deleted and `new` is made. */
beforeAll(() => {
  stage = setStage(calm, definitions);
  const { world } = stage.twin;
  past = new Past(world, ['cluster2']);
  answerTo(stage.twin, { ...place, verb: 'create', body: configMap('left', 'first') });
  world.runUntil(world.now + 1_000);
  answerTo(stage.twin, { ...place, verb: 'update', name: 'left', body: configMap('left', 'second') });
  world.runUntil(world.now + 1_000);
  middle = world.now;
  answerTo(stage.twin, { ...place, verb: 'delete', name: 'left' });
  answerTo(stage.twin, { ...place, verb: 'create', body: configMap('new', 'first') });
  world.runUntil(world.now + 1_000);
});

test('a list shows what was deleted since, and not what was made since', () => {
  expect(namesIn(past.answer(list, now(list), middle))).toEqual(['left']);
  expect(namesIn(now(list))).toEqual(['new']);
});

test('an object is as it was, or is not there yet', () => {
  const [second, first] = [middle, middle - 1_000].map((before) => past.answer(getLeft, now(getLeft), before));
  expect([second, first].map((outcome) => textAt(outcome && bodyOf(outcome), 'data', 'value'))).toEqual([
    'second',
    'first',
  ]);
  expect(past.answer(getNew, now(getNew), middle)).toMatchObject({ kind: 'refused', status: 404, reason: 'NotFound' });
});

test('with one object hidden everything else is as it is', () => {
  const hidden = past.answer(list, now(list), middle, {
    resource: 'configmaps',
    namespace: stageNamespace,
    name: 'left',
  });
  expect(namesIn(hidden)).toEqual(['left', 'new']);
});

test('a server that does not answer shows no past either', () => {
  const silence: Outcome = { kind: 'unknown', reason: 'timeout', message: 'no answer' };
  expect(past.answer(list, silence, middle)).toBe(silence);
});

function now(request: KubeRequest): Outcome {
  return answerTo(stage.twin, request);
}

function namesIn(outcome: Outcome): readonly (string | undefined)[] {
  return listAt(bodyOf(outcome), 'items').map((item) => textAt(item, 'metadata', 'name'));
}

function bodyOf(outcome: Outcome): unknown {
  return outcome.kind === 'applied' ? outcome.body : undefined;
}

function configMap(name: string, value: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: stageNamespace }, data: { value } };
}
