import { afterEach, describe, expect, test } from 'vitest';
import { type Layout, SiteUser, thirdSite } from './site-user.ts';

// The disasters that scenario files play in virtual time, here in a lab: real processes, HTTPS, a person who types.

const timeout = 600_000;
let me = new SiteUser();
afterEach(async () => {
  await me.end();
  me = new SiteUser();
});

/** What a lost site leaves, and whether DRBD has to be told to promote without quorum. */
const losses: readonly (readonly [what: string, layout: Layout, isForced: boolean])[] = [
  ['quorum off', { quorum: 'off' }, false],
  ['quorum majority', { quorum: 'majority' }, true],
  ['a tiebreaker on the lost site', { tiebreaker: 'cluster1-node-2' }, true],
  ['a tiebreaker on the surviving site', { tiebreaker: 'cluster2-node-2' }, false],
  ['a tiebreaker on a third site', { tiebreaker: thirdSite }, false],
];

describe('a site is lost', () => {
  test.each(losses)(
    '%s: it is done without, gives way when it is back, and gets its group again',
    { timeout },
    async (_what, layout, isForced) => {
      await me.begin(layout);
      await me.fault('site-loss', '--site', 'cluster1');
      const { stdout } = await me.takeOver();
      expect(stdout.includes('ForceQuorum')).toBe(isForced);
      await me.heal();
      await me.waitFor('cluster1', ['protectiongroup', 'pg'], '.spec.desiredState', 'stopped', 90);
      await me.untilRunning('cluster2');
      if (isForced) {
        // What was forced is compared before it counts as good.
        await me.untilCondition('Verified', 'False', ['cluster2']);
        const verified = await me.type('pgctl verify protectiongroup pg');
        expect(verified.code, verified.stdout + verified.stderr).toBe(0);
      }
      await me.untilCondition('Ready', 'True');
      await me.move('cluster1');
    },
  );

  test('it comes back while its group is taken over: its VMs are stopped, and it follows', { timeout }, async () => {
    await me.begin({ tiebreaker: thirdSite });
    await me.fault('site-loss', '--site', 'cluster1');
    let healed: Promise<void> | undefined;
    const line = 'pgctl failover pg --unplanned';
    const onOutput = (text: string): void => {
      if (healed === undefined && /▶ Step [34]/.test(text)) healed = me.heal();
    };
    let taken = await me.type(line, { input: 'pg\npg\n', onOutput });
    for (let attempt = 0; attempt < 8 && taken.code === 3; attempt++)
      taken = await me.type(line, { input: 'pg\npg\n', onOutput });
    expect(healed, taken.stdout).toBeDefined();
    await healed;
    // Where its VMs run again before the target was told to, nothing is started there: the next look is of a source that answers.
    expect([0, 5], taken.stdout + taken.stderr).toContain(taken.code);
    if (taken.code === 5) await me.takeOver();
    await me.untilRunning('cluster2');
    // DRBD may have been forced: then the copies are in doubt until they were compared.
    await me.untilCondition('Replicated', 'True');
    const verified = await me.type('pgctl verify protectiongroup pg');
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
    await me.untilCondition('Ready', 'True');
  });
});

describe('a site is alive and apart', () => {
  test('its API alone is silent: taking its group over is refused, for DRBD says that it runs', {
    timeout,
  }, async () => {
    await me.begin({});
    await me.fault('api-outage', '--site', 'cluster1');
    const { code, stderr } = await me.type('pgctl failover pg --unplanned', { input: 'pg\npg\n' });
    expect(code).toBe(3);
    expect(stderr).toContain('Unplanned failover of pg to cluster2 refused');
    await me.heal();
    await me.untilRunning('cluster1');
  });

  test.each(['cluster1', 'cluster2'])(
    'both go on without quorum: the copies part, and those of %s are kept',
    { timeout },
    async (survivor) => {
      await me.begin({ quorum: 'off' });
      await me.fault('api-outage', '--site', 'cluster1');
      await me.fault('link-cut', '--site', 'cluster1');
      await me.takeOver();
      await me.heal();
      await me.untilCondition('SplitBrain', 'True');
      await me.untilRunning('cluster2');
      const mended = await me.type(`pgctl recover pg --survivor ${survivor}`, { input: 'pg\npg\n' });
      expect(mended.code, mended.stdout + mended.stderr).toBe(0);
      await me.untilCondition('SplitBrain', 'False');
      // VMs on copies that were given up have met I/O errors, and stand paused until a person starts them anew.
      if (survivor === 'cluster2') await me.untilCondition('Ready', 'True');
      expect((await me.type('pgctl history pg')).stdout).toMatch(/Resolve/);
    },
  );
});

test('two operators in opposite directions: one moves the group, the other is told so, and it runs in one place', {
  timeout,
}, async () => {
  await me.begin({});
  let opposite: ReturnType<SiteUser['type']> | undefined;
  const away = await me.type('pgctl failover pg --to cluster2 --yes', {
    onOutput: (text) => {
      if (opposite === undefined && text.includes('▶')) opposite = me.type('pgctl failover pg --to cluster1 --yes');
    },
  });
  const other = await opposite;
  expect(away.code, away.stdout + away.stderr).toBe(0);
  expect([0, 3, 4]).toContain(other?.code);
  await me.untilRunning('cluster2');
  await me.untilCondition('Ready', 'True');
});

describe('a person changes what is under way', () => {
  test('given up before its target was ordered to run, it goes back; after that it is too late', {
    timeout,
  }, async () => {
    await me.begin({});
    await me.fault('opener-stuck', '--site', 'cluster1', '--vm', 'prod-vm-2');
    const [turned, cancelling] = await me.failOverAndCancel('▶ Step 2');
    expect(turned.code, turned.stdout + turned.stderr).toBe(7);
    expect(cancelling.code, cancelling.stdout + cancelling.stderr).toBe(7);
    await me.heal();
    await me.untilRunning('cluster1');
    await me.untilCondition('Ready', 'True');
    const [moved, late] = await me.failOverAndCancel('▶ Step 5');
    expect(moved.code, moved.stdout + moved.stderr).toBe(0);
    // It may have ended by the time that the second pgctl looks.
    expect(late.stderr).toMatch(/cannot be cancelled any more|There is nothing to cancel/);
    await me.untilRunning('cluster2');
  });

  test('one of two VMs never starts: the reason is told, it is tried again, or the group goes back', {
    timeout,
  }, async () => {
    await me.begin({});
    me.set('VM_START_TIMEOUT', '20');
    const pods = (await me.names('cluster2', 'pods')).length + 1;
    const quota = async (...words: readonly string[]): Promise<void> => {
      const { code, stderr } = await me.kubectl('cluster2', [...words]);
      expect(code, stderr).toBe(0);
    };
    await quota('create', 'quota', 'few', `--hard=pods=${pods}`);
    const partly = await me.type('pgctl failover pg --yes');
    expect(partly.code, partly.stdout + partly.stderr).toBe(8);
    expect(partly.stdout).toMatch(/✓ prod-vm-\d running/);
    expect(partly.stdout).toMatch(/reason: .*prod-vm-\d on cluster2 is starting: .*exceeded quota/);
    expect(partly.stdout).not.toMatch(/is starting: .*is starting: /);
    const again = await me.type('pgctl failover pg --yes');
    expect(again.code).toBe(8);
    expect(again.stderr).toContain('pg is on cluster2 already, and not all of its VMs run there');
    await me.move('cluster1');
    await me.untilCondition('Ready', 'True');
    expect((await me.type('pgctl failover pg --yes')).code).toBe(8);
    await quota('delete', 'quota', 'few');
    await me.untilRunning('cluster2');
    const whole = await me.type('pgctl failover pg --yes');
    expect(whole.code, whole.stdout + whole.stderr).toBe(0);
  });
});

/** What becomes of a write that is under way when the quorum is lost. */
const lostWrites: readonly (readonly [what: string, layout: Layout, isDemoted: boolean])[] = [
  ['its I/O fails', { onNoQuorum: 'io-error', tiebreaker: thirdSite }, false],
  ['it is frozen, and DRBD is demoted by force', { onNoQuorum: 'suspend-io', tiebreaker: thirdSite }, true],
];

test.each(lostWrites)(
  'quorum is lost with a write under way, %s: what is healed is not ready before it was compared, and repaired where it differs',
  { timeout },
  async (_what, layout, isDemoted) => {
    await me.begin(layout);
    await me.fault('link-cut', '--plane', 'drbd', '--site', 'cluster1');
    await me.untilCondition('Verified', 'False', ['cluster1']);
    if (isDemoted) await me.onPrimaries((volume) => ['drbdsetup', 'secondary', '--force', volume]);
    await me.heal();
    // Guests that have met an I/O error stand paused: a person starts them anew.
    const restarted = await me.kubectl('cluster1', ['delete', 'vmi', 'prod-vm-1', 'prod-vm-2']);
    expect(restarted.code, restarted.stderr).toBe(0);
    await me.untilRunning('cluster1');
    await me.untilCondition('Replicated', 'True');
    await me.untilCondition('Ready', 'False', ['cluster1']);
    const compared = await me.type('pgctl verify protectiongroup pg');
    expect([0, 8], compared.stdout + compared.stderr).toContain(compared.code);
    if (compared.code === 8) {
      const repaired = await me.type('pgctl verify protectiongroup pg --repair cluster2', { input: 'pg\n' });
      expect(repaired.code, repaired.stdout + repaired.stderr).toBe(0);
    }
    await me.untilCondition('Ready', 'True');
    await me.move('cluster2');
  },
);
