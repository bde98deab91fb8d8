import { afterEach, expect, test, vi } from 'vitest';
import { runTape } from '../../../src/drills/run.ts';
import { tapeOf } from '../../../src/drills/swarm.ts';
import type { Tape } from '../../../src/drills/tape.ts';
import { ApiServer } from '../../../src/drivers/sim/api-server/api-server.ts';
import { ObjectStore, type Change } from '../../../src/drivers/sim/api-server/object-store.ts';
import { definitions } from '../../drills/definitions.ts';

afterEach(() => vi.restoreAllMocks());

test.each(Array.from({ length: 12 }, (_, run) => run))(
  'a world that trusts its insiders has the history of one that checks them, change by change (run %i)',
  (run) => {
    const trusting = changesOf(tapeOf(1, run));
    const { request } = ApiServer.prototype;
    vi.spyOn(ApiServer.prototype, 'requestFromInside').mockImplementation(request);
    const checking = changesOf(tapeOf(1, run));
    expect(trusting.find((change, index) => change !== checking[index])).toBeUndefined();
    expect(trusting.length).toBe(checking.length);
  },
);

/** Every change of every cluster of a run, as text. */
function changesOf(tape: Tape): readonly string[] {
  const changes: string[] = [];
  const { commit } = ObjectStore.prototype;
  const spy = vi.spyOn(ObjectStore.prototype, 'commit').mockImplementation(function (
    this: ObjectStore,
    change: Change,
  ) {
    changes.push(`${change.type} ${JSON.stringify(change.object)}`);
    commit.call(this, change);
  });
  runTape(tape, definitions);
  spy.mockRestore();
  return changes;
}
