import { expect, test } from 'vitest';
import { EventRecorder } from '../../src/controllers/event-recorder.ts';
import { minute } from '../../src/model/instant.ts';
import { numberAt, textAt } from '../../src/model/json.ts';
import { type KubeObject, resources } from '../../src/model/kube.ts';
import type { ApiRequest, Outcome } from '../../src/model/request.ts';
import { livePorts } from '../runtime/live-ports.ts';
import { protectedTwin } from '../twin/protected-group.ts';

const happening = { type: 'Normal', reason: 'Stopped', message: 'Every VM is proven stopped, as desired' } as const;

function recorder(answerInstead?: (order: ApiRequest) => Outcome | undefined) {
  const twin = protectedTwin();
  const { driver, clock } = livePorts(twin, answerInstead);
  const silent = (): void => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const { api } = twin.world.cluster('cluster1');
  const group = api.list(resources.protectionGroup)[0] as KubeObject;
  return {
    events: new EventRecorder({ site: 'cluster1', component: 'some-controller', instance: 'me', driver, clock, log }),
    clock,
    group,
    told: () =>
      api
        .list(resources.event, 'default')
        .filter((event) => textAt(event, 'source', 'component') === 'some-controller')
        .map((event) => `${textAt(event, 'reason')} ${numberAt(event, 'count')}`),
    first: () => api.list(resources.event, 'default').find((event) => textAt(event, 'reason') === 'Stopped'),
  };
}

test('an Event says what has happened to which object, and who says so', async () => {
  const { events, group, first } = recorder();
  await events.record(group, happening);
  expect(first()).toMatchObject({
    ...happening,
    involvedObject: { kind: 'ProtectionGroup', name: group.metadata.name, uid: group.metadata.uid },
    reportingComponent: 'siterecovery.trilio.io/some-controller',
    reportingInstance: 'me',
  });
});

test('the same again is counted, another thing is told', async () => {
  const { events, group, told } = recorder();
  for (let count = 0; count < 3; count += 1) await events.record(group, happening);
  await events.record(group, { ...happening, reason: 'Running' });
  expect(told()).toEqual(['Stopped 3', 'Running 1']);
});

test('after an hour it is news again', async () => {
  const { events, group, told, clock } = recorder();
  await events.record(group, happening);
  await clock.sleepUntil(clock.now() + 61 * minute);
  await events.record(group, happening);
  // A cluster keeps Events for an hour: the first one may be gone by now.
  expect(told().at(-1)).toBe('Stopped 1');
});

test('an Event that could not be written is told anew', async () => {
  let isBusy = true;
  const { events, group, told } = recorder((order) =>
    isBusy && order.api === 'kube' && order.resource === resources.event
      ? { kind: 'unknown', reason: 'timeout', message: 'no answer' }
      : undefined,
  );
  await events.record(group, happening);
  isBusy = false;
  await events.record(group, happening);
  expect(told()).toEqual(['Stopped 1']);
});
