import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { piraeus } from '../../../src/drivers/real/linstor-discovery.ts';
import { at } from '../../../src/model/json.ts';
import { drbdOperatorRole, drbdOrdersRole, permissionsOfRole } from '../../../tools/manifests/permissions.ts';
import { beginOver } from '../../conformance/https-call.ts';
import { type Begin, httpCall } from '../../conformance/http-client.ts';
import { type Kubectl, kubectls, run } from '../kubectl/kubectl-program.ts';
import { giveRights } from './accounts.ts';
import { type ControlPlane, controlPlaneBinaries, startControlPlane } from './control-plane.ts';
import { grantedRights } from './granted-rights.ts';
import { type Asking, requestsOfScenarios } from './scenario-requests.ts';

// The word of a real API server, which has the roles as `kubectl apply` has brought them, about every request that the product
// makes in any scenario, and about what nobody is to do.

const operatorRights: Readonly<Record<string, readonly string[]>> = {
  'protection-group-controller': permissionsOfRole(drbdOperatorRole),
  'failover-controller': [drbdOperatorRole, drbdOrdersRole].flatMap(permissionsOfRole),
  'site-recovery-peer': [drbdOperatorRole, drbdOrdersRole].flatMap(permissionsOfRole),
};

/** What no account of the product may do, whatever else is asked about. */
const forbidden: readonly string[] = [
  'delete virtualmachines.kubevirt.io',
  'delete virtualmachineinstances.kubevirt.io',
  'delete persistentvolumeclaims',
  'delete persistentvolumes',
  'delete nodes',
  'delete secrets',
  'delete namespaces',
  'delete pods',
  'update clusterroles.rbac.authorization.k8s.io',
  'create clusterrolebindings.rbac.authorization.k8s.io',
  'impersonate users',
];

let plane: ControlPlane;
let begin: Begin;
let scenarios: number;
let askings: readonly Asking[];

beforeAll(async () => {
  ({ scenarios, askings } = requestsOfScenarios());
  plane = await startControlPlane(controlPlaneBinaries(), {
    controllers: ['serviceaccount-controller'],
    schedules: false,
  });
  begin = beginOver({ port: plane.port, ca: plane.authority });
  const program = kubectls()[0] as Kubectl;
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { code, out, err } = await run(program, plane.kubeconfig, args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${err}`);
    return out;
  };
  await giveRights({ kubectl });
  const manifest = join(import.meta.dirname, '../../../deploy/controllers/drbd-operator-rbac.yaml');
  await kubectl('apply', '-f', manifest);
});
afterAll(() => plane.stop());

test('whatever the product asks for in any scenario its account may do', async () => {
  expect(scenarios).toBeGreaterThan(200);
  const accounts = new Set(askings.map(({ account }) => account));
  expect([...accounts].toSorted()).toEqual([
    'failover-controller',
    'operator',
    'protection-group-controller',
    'site-recovery-peer',
  ]);
  const refused = await Promise.all(askings.map(async (asking) => ((await mayDo(asking)) ? [] : [asking])));
  expect(refused.flat()).toEqual([]);
});

test('an account may do what its roles say, and nothing else that anybody asks for', async () => {
  const everything = new Set([
    ...[...grantedRights.values()].flatMap((rights) => [...rights]),
    ...Object.values(operatorRights).flat(),
    ...askings.map(({ permission }) => permission),
    ...forbidden,
  ]);
  for (const [account, rights] of grantedRights) {
    const granted = new Set([...rights, ...(operatorRights[account] ?? [])]);
    const allowed = await Promise.all(
      [...everything].map(async (permission) =>
        (await mayDo({ account, permission, namespace: 'default', name: nameOf(permission) })) ? [permission] : [],
      ),
    );
    expect(allowed.flat().toSorted(), account).toEqual([...granted].toSorted());
    expect(forbidden.filter((permission) => granted.has(permission))).toEqual([]);
  }
});

/** Rights that are bound to one name. */
function nameOf(permission: string): string {
  if (permission.endsWith('services/proxy')) return `${piraeus.controllerService}:${piraeus.controllerPort}`;
  return permission === 'get deployments.apps' ? piraeus.csiController : '';
}

/** Asks the server by a SubjectAccessReview (k8s.io/api/authorization/v1). */
async function mayDo({ account, permission, namespace, name }: Asking): Promise<boolean> {
  const [verb = '', what = ''] = permission.split(' ');
  const [type = '', subresource = ''] = what.split('/');
  const [resource = '', ...group] = type.split('.');
  const user = `system:serviceaccount:default:${account}`;
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'];
  const resourceAttributes = { namespace, verb, group: group.join('.'), resource, subresource, name };
  const { status, body } = await httpCall(
    begin,
    {
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user, groups, resourceAttributes },
      },
    },
    plane.tokens.admin,
  );
  expect(status, JSON.stringify(body)).toBe(201);
  return at(body, 'status', 'allowed') === true;
}
