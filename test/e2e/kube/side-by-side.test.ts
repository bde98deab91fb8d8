import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLab } from '../../../src/lab/process/start-lab.ts';
import { stopLab } from '../../../src/lab/process/stop-lab.ts';
import { type Kubectl, type Ran, kubectls, run } from '../kubectl/kubectl-program.ts';
import { type ControlPlane, controlPlaneBinaries, startControlPlane } from './control-plane.ts';
import { type Command, commands, masked } from './side-by-side.ts';

const home = mkdtempSync(join(tmpdir(), 'site-recovery-sides-'));
const lab = join(home, 'lab');
const crds = join(import.meta.dirname, '../../../crds');
const definitions = join(crds, 'protection-group-crd.yaml');
const operatorDefinitions = join(crds, 'drbd-operator-crds.yaml');

let kubectl: Kubectl;
let plane: ControlPlane;
let sides: readonly [lab: string, real: string];

beforeAll(async () => {
  [kubectl] = kubectls() as readonly [Kubectl];
  const controllers = [
    'deployment-controller',
    'namespace-controller',
    'persistentvolume-binder-controller',
    'persistentvolume-protection-controller',
    'persistentvolumeclaim-protection-controller',
    'replicaset-controller',
    'serviceaccount-controller',
  ];
  plane = await startControlPlane(controlPlaneBinaries(), { controllers, schedules: true });
  await startLab({ folder: lab, clusters: 3, speed: 5 });
  sides = [join(lab, 'cluster1.kubeconfig'), plane.kubeconfig];
  const installed = await run(kubectl, plane.kubeconfig, ['apply', '-f', definitions]);
  expect(installed.code).toBe(0);
  await run(kubectl, plane.kubeconfig, ['wait', '--for=condition=Established', '-f', definitions]);
  for (const side of sides) {
    expect(await run(kubectl, side, ['apply', '-f', operatorDefinitions])).toMatchObject({ code: 0 });
    await run(kubectl, side, ['wait', '--for=condition=Established', '-f', operatorDefinitions]);
  }
});
afterAll(async () => {
  // A lab that did not come up must not leave the real servers behind.
  await plane?.stop();
  await stopLab(lab);
  rmSync(home, { recursive: true });
});

test.each(commands.map((command) => [titleOf(command), command] as const))('%s', async (_title, command) => {
  const [onLab, onReal] = await Promise.all(sides.map((side) => said(command, side)));
  expect(onLab).toEqual(onReal);
});

/** The command, and the kind of object on its standard input. */
function titleOf({ args, input }: Command): string {
  const kind = /^kind: (\w+)$/m.exec(input ?? '')?.[1];
  return `kubectl ${args}${kind === undefined ? '' : ` (${kind})`}`;
}

async function said({ args, input }: Command, kubeconfig: string): Promise<Ran> {
  const { code, out, err } = await run(kubectl, kubeconfig, ['--namespace=side', ...args.split(' ')], input);
  return { code, out: masked(out), err: masked(err) };
}
