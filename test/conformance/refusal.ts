import { expect } from 'vitest';
import { textAt } from '../../src/model/json.ts';
import type { Answered } from './cluster-under-test.ts';
import type { Check, Scene } from './scene.ts';

/** A request that is refused, and with what: `422 Invalid: text`. */
export interface Refusal {
  readonly title: string;
  readonly send: (scene: Scene) => Promise<Answered>;
  readonly says: string;
}

/** Status, reason and text of an answer in one line. */
export function saidOf(scene: Scene, { status, body }: Answered): string {
  return scene.masked(`${status} ${textAt(body, 'reason') ?? ''}: ${textAt(body, 'message') ?? ''}`);
}

export function refusalCheck({ title, send, says }: Refusal): Check {
  return [title, async (scene) => expect(saidOf(scene, await send(scene))).toBe(says)];
}
