import { beforeEach, describe, expect, test } from 'vitest';
import { EventQueue, type WorldEvent } from '../../../src/drivers/sim/event-queue.ts';
import { GuestRegistry } from '../../../src/drivers/sim/guests.ts';
import { Randomness } from '../../../src/drivers/sim/random.ts';
import type { Millis } from '../../../src/model/instant.ts';
import { ScriptedDrbd } from './behaviours/scripted-drbd.ts';

const span = { min: 1000, max: 3000 };
const durations = { boot: span, agentConnects: span, shutdown: span, writeEvery: 5000 };
const facts = {
  cluster: 'a',
  node: 'node-a1',
  namespace: 'shop',
  vm: 'vm1',
  podName: 'launcher',
  podUid: 'p1',
  disks: ['disk'],
};

let now: Millis;
let queue: EventQueue;
let drbd: ScriptedDrbd;
let guests: GuestRegistry;

beforeEach(() => {
  now = 0;
  queue = new EventQueue();
  drbd = new ScriptedDrbd();
  const scheduler = {
    get now() {
      return now;
    },
    schedule: (delay: Millis, kind: string, key: string) => queue.schedule(now + delay, kind, key),
    cancel: (id: number) => queue.cancel(id),
  };
  guests = new GuestRegistry(scheduler, drbd, new Randomness(1).stream('guests'), durations);
  drbd.open('disk', 'node-a1', 'launcher');
  guests.launch(facts);
});

function runFor(time: Millis): void {
  const end = now + time;
  for (let at = queue.nextAt(); at !== undefined && at <= end; at = queue.nextAt()) {
    const event = queue.pop() as WorldEvent;
    now = event.at;
    guests.handle(event);
  }
  now = end;
}

const phase = () => guests.of('p1')?.phase;

describe('a guest', () => {
  test('executes from its boot on, writes at once and then every few seconds', () => {
    expect(guests.executing('shop', 'vm1')).toEqual([]);
    guests.boot('p1');
    expect(guests.executing('shop', 'vm1')).toHaveLength(1);
    expect(drbd.writes).toBe(0);
    runFor(3000);
    expect([phase(), drbd.writes]).toEqual(['running', 1]);
    runFor(15_000);
    expect(drbd.writes).toBe(4);
    expect(guests.of('p1')?.agentAnswers).toBe(true);
  });

  test('closes its disks and writes no more once it is off', () => {
    guests.boot('p1');
    runFor(4000);
    guests.signalShutdown('p1');
    runFor(3000);
    expect([phase(), guests.of('p1')?.end, drbd.openersOf('disk')]).toEqual(['ended', 'shutdown', []]);
    const { writes } = drbd;
    runFor(20_000);
    expect(drbd.writes).toBe(writes);
  });

  test('goes on under I/O that hangs, and is paused by I/O that fails', () => {
    guests.boot('p1');
    drbd.writeAnswer = { kind: 'pending', seq: 1 };
    runFor(20_000);
    expect(phase()).toBe('running');
    drbd.writeAnswer = { kind: 'error', errno: 'EIO' };
    runFor(5000);
    expect(phase()).toBe('paused');
    guests.signalShutdown('p1');
    runFor(60_000);
    expect([phase(), drbd.openersOf('disk')]).toEqual(['paused', ['launcher']]);
    drbd.writeAnswer = { kind: 'acked', seq: 2 };
    guests.resume('p1');
    runFor(1000);
    expect(phase()).toBe('running');
  });

  test('that ignores the signal shuts down when the fault is healed', () => {
    guests.boot('p1');
    runFor(4000);
    guests.setFault('shop', 'vm1', 'ignores-acpi');
    guests.signalShutdown('p1');
    runFor(60_000);
    expect(phase()).toBe('stopping');
    guests.healFault('shop', 'vm1', 'ignores-acpi');
    runFor(3000);
    expect(phase()).toBe('ended');
  });

  test('is gone without a trace when its node loses power', () => {
    guests.boot('p1');
    runFor(4000);
    guests.losePower('node-a1');
    expect(guests.all()).toEqual([]);
    runFor(20_000);
    expect(guests.executing('shop', 'vm1')).toEqual([]);
  });

  test('tells of every change', () => {
    const phases: string[] = [];
    guests.onChange((guest) => phases.push(guest.phase));
    guests.boot('p1');
    runFor(8000);
    guests.endByItself('p1', 'crashed');
    expect(phases).toEqual(['booting', 'running', 'running', 'ended']);
  });
});
