import { expect, test } from 'vitest';
import { claimsAreBound } from '../../../src/model/checks/claims.ts';
import { groupView } from '../../../src/model/group-view.ts';
import type { KubeObject } from '../../../src/model/kube.ts';
import type { Observation } from '../../../src/model/observation.ts';
import { changed, observationOfScene } from '../../machines/scene-answers.ts';
import { calmScene, withPower } from '../../machines/scene.ts';

/** A group whose VM vm-1 has lost its claim on the source. */
function lost(power: 'starting' | 'running' | 'stopped'): Observation {
  return withClaim(observationOfScene(withPower(calmScene(), 'cluster1', 'vm-1', power)), 'cluster1', (claim) => ({
    ...claim,
    status: { phase: 'Lost' },
  }));
}

function withClaim(
  observation: Observation,
  site: string,
  change: (claim: KubeObject) => KubeObject | undefined,
): Observation {
  return changed(observation, site, 'claims', (object) =>
    object.metadata.name === 'vm-1-disk' ? change(object) : object,
  );
}

function findings(observation: Observation): readonly string[] {
  const view = groupView(observation, { namespace: 'default', group: 'pg', source: 'cluster1', target: 'cluster2' });
  return claimsAreBound(view.source, view.target).map(({ id, severity }) => `${severity} ${id}`);
}

test.each(['starting', 'stopped'] as const)('a VM that is %s with a lost claim may leave', (power) => {
  expect(findings(lost(power))).toEqual(['warning ClaimLostHere']);
});

test.each<[string, Observation]>([
  ['it runs', lost('running')],
  [
    'the claim of the target names another volume',
    withClaim(lost('starting'), 'cluster2', (claim) => ({ ...claim, spec: { ...claim.spec, volumeName: 'pv-vm-2' } })),
  ],
  [
    'the claim of the target is lost as well',
    withClaim(lost('starting'), 'cluster2', (claim) => ({ ...claim, status: { phase: 'Lost' } })),
  ],
  ['the target has no claim', withClaim(lost('starting'), 'cluster2', () => undefined)],
])('a lost claim bars the way while %s', (_when, observation) => {
  expect(findings(observation)).toEqual(['error ClaimLost']);
});
