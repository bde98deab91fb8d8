import { expect } from 'vitest';
import type { Twin } from '../../src/twin/twin.ts';
import { withTwin } from '../cli/twin-cli.ts';
import { permissionsOf } from './scenario-requests.ts';

/** Commands that show how things are, of a group that is there. */
const looks: readonly string[] = [
  'get pg',
  'get pg production-pg --all-clusters -o wide',
  'describe protectiongroup production-pg',
  'history production-pg',
];

/** What an operator does, in an order in which each command finds what it needs. */
const acts: readonly string[] = [
  'create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2',
  'sync protectiongroup production-pg',
  'validate protectiongroup production-pg',
  ...looks,
  'failover production-pg --yes',
  'failback production-pg --yes',
  'failover production-pg --yes --unplanned --dry-run',
  'verify protectiongroup production-pg',
  'recover production-pg',
  'cancel production-pg',
  'delete protectiongroup production-pg --yes',
];

/** What pgctl asks of the clusters for its users. Every cluster is the same to it. */
export async function requestsOfPeople(): Promise<{
  readonly viewer: ReadonlySet<string>;
  readonly operator: ReadonlySet<string>;
}> {
  return withTwin(async ({ twin, run, pass }) => {
    const operator = new Set<string>();
    const viewer = new Set<string>();
    let isLook = false;
    listenAtDesk(twin, (permission) => {
      operator.add(permission);
      if (isLook) viewer.add(permission);
    });
    for (const words of acts) {
      isLook = looks.includes(words);
      const { stderr } = await run(words);
      expect(stderr, words).not.toMatch(/pgctl itself failed/);
      pass(60);
    }
    return { viewer, operator };
  });
}

function listenAtDesk({ world }: Twin, note: (permission: string) => void): void {
  const perform = world.perform.bind(world);
  world.perform = (request, from) => {
    if (from === 'operator') for (const permission of permissionsOf(request)) note(permission);
    return perform(request, from);
  };
}
