import { describe, expect, test } from 'vitest';
import { requestLabel, TraceWriter } from '../../src/runtime/trace.ts';
import { resources } from '../../src/model/kube.ts';
import type { KubeRequest } from '../../src/model/request.ts';

const secretPatch: KubeRequest = {
  api: 'kube',
  site: 'cluster2',
  verb: 'create',
  resource: resources.secret,
  namespace: 'default',
  name: 'user-data',
  body: { stringData: { password: 'open-sesame' } },
};

function traceOf(events: readonly string[]): { readonly lines: readonly string[]; readonly digest: string } {
  const lines: string[] = [];
  const writer = new TraceWriter({ program: 'test', seed: 1 }, (line) => lines.push(line));
  events.forEach((to, index) => {
    writer.add(1000 * index, 'pgctl/1', { kind: 'state', machine: 'failover', from: 'preflight', to });
  });
  return { lines, digest: writer.digest };
}

describe('a trace', () => {
  test('begins with a header that says its version and seed, and counts its lines', () => {
    const { lines } = traceOf(['stoppingSource', 'awaitingRelease']);
    expect(JSON.parse(lines[0] ?? '')).toEqual({ v: 1, kind: 'header', program: 'test', seed: 1 });
    expect(lines.slice(1).map((line) => JSON.parse(line).n)).toEqual([1, 2]);
  });

  test('has the same bytes for the same events', () => {
    expect(traceOf(['a', 'b', 'c'])).toEqual(traceOf(['a', 'b', 'c']));
  });

  test('agrees with another one up to the last line with the same hash', () => {
    const one = traceOf(['a', 'b', 'c']).lines.map((line) => JSON.parse(line).h);
    const other = traceOf(['a', 'x', 'c']).lines.map((line) => JSON.parse(line).h);
    expect(one.map((hash, index) => hash === other[index])).toEqual([true, true, false, false]);
    expect(traceOf(['a', 'b']).digest).not.toBe(traceOf(['b', 'a']).digest);
  });

  test('names a request by its address and never shows its body', () => {
    const lines: string[] = [];
    const writer = new TraceWriter({ program: 'test' }, (line) => lines.push(line));
    const effect = { name: 'copySecret', request: secretPatch };
    writer.effect(1, 'pgctl/1', effect);
    writer.outcome(2, 'pgctl/1', effect, { kind: 'refused', status: 409, reason: 'AlreadyExists', message: 'there' });
    expect(requestLabel(secretPatch)).toBe('CREATE cluster2 secrets/user-data');
    expect(lines.join('\n')).not.toContain('open-sesame');
    expect(JSON.parse(lines[2] ?? '').event).toEqual({
      kind: 'outcome',
      effect: 'copySecret',
      outcome: 'refused',
      message: 'there',
    });
  });
});
