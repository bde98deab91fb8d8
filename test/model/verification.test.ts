import { describe, expect, test } from 'vitest';
import { newFailover } from '../../src/model/failover.ts';
import { localGroupView } from '../../src/model/group-view.ts';
import { minute, timestamp } from '../../src/model/instant.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import { known } from '../../src/model/known.ts';
import { type Verification, verificationOf } from '../../src/model/verification.ts';
import { changed, observationOfScene } from '../machines/scene-answers.ts';
import { calmScene, type Scene, sceneStart, withSite } from '../machines/scene.ts';
import { plannedRequest } from '../twin/protected-group.ts';

const tainted = (scene: Scene): Scene => withSite(scene, 'cluster1', { taints: ['drbd.linbit.com/lost-quorum'] });

function withStatus(scene: Scene, status: JsonObject): Scene {
  const group = scene.sites.cluster1?.group;
  if (group === undefined) throw new Error('no group');
  return withSite(scene, 'cluster1', { group: { ...group, status } });
}

function lookAt(observation = observationOfScene(calmScene()), change = {}): Verification {
  const view = { ...localGroupView(observation, 'cluster1'), ...change };
  if (!view.site.group.known || view.site.group.value === undefined) throw new Error('no group');
  return verificationOf(view.site.group.value, view);
}

const shown = ({ condition: { status, reason } }: Verification): string => `${status} ${reason}`;

describe('Verified', () => {
  test('is True where nothing has cast doubt on the copies', () => {
    expect(shown(lookAt())).toBe('True NeverInDoubt');
    expect(lookAt().unverified).toBeNull();
  });

  test('is False while a node that holds a volume bears a quorum taint, and stays so after it', () => {
    const first = lookAt(observationOfScene(tainted(calmScene())));
    expect(shown(first)).toBe('False QuorumLost');
    const later = withStatus({ ...calmScene(), now: sceneStart + minute }, { unverified: first.unverified });
    expect(shown(lookAt(observationOfScene(later)))).toBe('False QuorumLost');
    expect(lookAt(observationOfScene(tainted(later))).unverified).toEqual(first.unverified);
  });

  test('minds no taint on a node that holds none of the volumes', () => {
    const observation = changed(observationOfScene(tainted(calmScene())), 'cluster1', 'attachments', () => undefined);
    expect(shown(lookAt(observation))).toBe('True NeverInDoubt');
  });

  test('is False while a guest is paused by an I/O error', () => {
    const conditions = [{ type: 'Paused', status: 'True', reason: 'PausedIOError' }];
    const observation = changed(observationOfScene(calmScene()), 'cluster1', 'instances', (vmi) => ({
      ...vmi,
      status: { ...vmi.status, conditions },
    }));
    expect(shown(lookAt(observation))).toBe('False IoPaused');
  });

  test("is False after an operation that was allowed to override DRBD's quorum", () => {
    const operation = newFailover(plannedRequest('pg-1', 'cluster2', 'cluster1'));
    const forced = {
      ...operation,
      spec: { ...operation.spec, consents: [{ kind: 'ForceQuorum' }] },
      status: { completionTime: timestamp(sceneStart) },
    };
    expect(shown(lookAt(undefined, { operations: known([forced]) }))).toBe('False Forced');
  });

  test('is Unknown where the site does not show its nodes, unless a doubt is known already', () => {
    const silent = withSite(calmScene(), 'cluster1', { silent: ['nodes'] });
    expect(shown(lookAt(observationOfScene(silent)))).toBe('Unknown SiteUnreadable');
    const unverified = { since: timestamp(sceneStart), reason: 'QuorumLost', message: 'a node lost quorum' };
    expect(shown(lookAt(observationOfScene(withStatus(silent, { unverified }))))).toBe('False QuorumLost');
  });

  test('is True again once a verify that began later has succeeded, on whichever site its object is', () => {
    const unverified = { since: timestamp(sceneStart), reason: 'QuorumLost', message: 'a node lost quorum' };
    const doubted = observationOfScene(withStatus({ ...calmScene(), now: sceneStart + 2 * minute }, { unverified }));
    const recovery = (action: string, phase: string, startedAt: number): KubeObject => ({
      apiVersion: 'siterecovery.trilio.io/v1alpha1',
      kind: 'Recovery',
      metadata: { name: 'verify-1', namespace: 'default' },
      spec: { protectionGroup: 'pg', action },
      status: { phase, startTime: timestamp(sceneStart), volumes: [{ startedAt: timestamp(startedAt) }] },
    });
    const after = (...recoveries: readonly KubeObject[]): Verification => lookAt(doubted, { recoveries });
    const later = sceneStart + minute;
    const settled = after(recovery('Verify', 'Succeeded', later));
    expect(shown(settled)).toBe('True Verified');
    expect(settled).toMatchObject({ unverified: null, verifiedAt: timestamp(later) });
    expect(shown(after(recovery('Resolve', 'Succeeded', later)))).toBe('True Verified');
    for (const other of [
      recovery('Verify', 'NeedsAttention', later),
      recovery('Verify', 'Succeeded', sceneStart - minute),
    ])
      expect(shown(after(other))).toBe('False QuorumLost');
  });

  test('is True again after a verify that began later, and false again after what happens next', () => {
    const unverified = { since: timestamp(sceneStart), reason: 'QuorumLost', message: 'a node lost quorum' };
    const status = { unverified, verifiedAt: timestamp(sceneStart + minute) };
    const settled = withStatus({ ...calmScene(), now: sceneStart + 2 * minute }, status);
    expect(shown(lookAt(observationOfScene(settled)))).toBe('True Verified');
    expect(lookAt(observationOfScene(settled)).unverified).toBeNull();
    expect(shown(lookAt(observationOfScene(tainted(settled))))).toBe('False QuorumLost');
  });

  test('is True again after a verify although openers that were cut off, or a paused guest, are there still', () => {
    const began = sceneStart + minute;
    const signs = (since: number) => {
      const taints = [{ key: 'drbd.linbit.com/force-io-error', effect: 'NoSchedule', timeAdded: timestamp(since) }];
      const paused = { type: 'Paused', status: 'True', reason: 'PausedIOError', lastTransitionTime: timestamp(since) };
      const status = { verifiedAt: timestamp(began) };
      const scene = withStatus({ ...calmScene(), now: sceneStart + 2 * minute }, status);
      const withTaint = changed(observationOfScene(scene), 'cluster1', 'nodes', (node) => ({
        ...node,
        spec: { ...node.spec, taints },
      }));
      return changed(withTaint, 'cluster1', 'instances', (vmi) => ({
        ...vmi,
        status: { ...vmi.status, conditions: [paused] },
      }));
    };
    expect(shown(lookAt(signs(sceneStart)))).toBe('True Verified');
    expect(shown(lookAt(signs(began + minute)))).toMatch(/^False (QuorumLost|IoPaused)$/);
  });
});
