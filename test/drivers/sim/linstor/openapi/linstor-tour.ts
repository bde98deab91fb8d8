import type { Json } from '../../../../../src/model/json.ts';
import type { LinstorAnswer } from '../../../../../src/drivers/sim/linstor/answer.ts';
import { LinstorLab } from '../linstor-lab.ts';
import type { Answered } from './described-api.ts';

/** Keeps every answer that a lab gives. */
class NotingLab extends LinstorLab {
  readonly answers: Answered[] = [];

  override send(method: string, path: string, body?: Json): LinstorAnswer {
    const answer = super.send(method, path, body);
    this.answers.push({ method, path, status: answer.status, text: answer.text() });
    return answer;
  }
}

/**
 * What LINSTOR answers to everything that the product, its storage driver or an operator's client asks of nodes, pools,
 * groups, definitions, resources, properties and views: in good times, to wrong requests, while a replica is in use, behind a
 * cut link, resyncing, and with a satellite that is silent, gone and back.
 */
export function linstorTour(): readonly Answered[] {
  const lab = new NotingLab();
  makeThings(lab);
  readEverything(lab, 'vm', 'pri-a', 'pri-b');
  changeProperties(lab);
  changeDisks(lab);
  keepTemplates(lab);
  askWrongly(lab);
  breakThings(lab);
  takeAway(lab);
  return lab.answers;
}

function makeThings(lab: LinstorLab): void {
  lab.send('POST', '/v1/resource-groups', {
    name: 'grp',
    description: 'two replicas',
    select_filter: { place_count: 2, storage_pool_list: ['pool'], replicas_on_different: ['Aux/site'] },
  });
  lab.send('PUT', '/v1/resource-groups/grp', {
    override_props: { 'Aux/for': 'tests', 'DrbdOptions/Net/rr-conflict': 'retry-connect' },
    select_filter: { layer_stack: ['DRBD', 'STORAGE'] },
  });
  lab.send('POST', '/v1/resource-groups/grp/spawn', { resource_definition_name: 'spawned', volume_sizes: [20_480] });
  lab.send('POST', '/v1/resource-groups/grp/spawn', {
    resource_definition_name: 'only-defined',
    volume_sizes: [20_480],
    definitions_only: true,
  });
  lab.define('vm', 'pri-a', 'dr-a');
  lab.define('auto');
  lab.send('POST', '/v1/resource-definitions/auto/autoplace', { select_filter: { place_count: 2 } });
  lab.send('POST', '/v1/resource-definitions/auto/autoplace', { select_filter: { place_count: 2 } });
  lab.define('one', 'pri-a');
  lab.send('POST', '/v1/resource-definitions/one/resources/pri-b/make-available', { diskful: false });
  lab.send('POST', '/v1/resource-definitions/one/resources/pri-b/make-available', { diskful: false });
  lab.send('POST', '/v1/resource-definitions/one/resources/dr-a/make-available', { diskful: true });
  lab.send('POST', '/v1/resource-definitions/only-defined/resources', [
    { resource: { node_name: 'pri-a', props: { StorPoolName: 'pool' } } },
    { resource: { node_name: 'pri-b', flags: ['DISKLESS'] } },
  ]);
}

/** Every read, of things that are there or not. */
function readEverything(lab: LinstorLab, definition: string, node: string, peer: string, group = 'grp'): void {
  const rd = `/v1/resource-definitions/${definition}`;
  for (const path of [
    '/health',
    '/v1/controller/version',
    '/v1/controller/properties',
    '/v1/nodes',
    `/v1/nodes?nodes=${node}&props=Aux/site`,
    '/v1/nodes?limit=1&offset=1',
    `/v1/nodes/${node}`,
    `/v1/nodes/${node}/net-interfaces`,
    `/v1/nodes/${node}/storage-pools`,
    '/v1/storage-pool-definitions',
    '/v1/view/storage-pools',
    `/v1/view/storage-pools?nodes=${node}&storage_pools=pool`,
    '/v1/view/storage-pools?cached=true',
    '/v1/view/resources',
    `/v1/view/resources?resources=${definition}`,
    `/v1/view/resources?nodes=${node}`,
    '/v1/view/resources?resources=not%20a%20name',
    '/v1/resource-definitions',
    `/v1/resource-definitions?resource_definitions=${definition}&with_volume_definitions=true`,
    rd,
    `${rd}/volume-definitions`,
    `${rd}/volume-definitions/0`,
    `${rd}/volume-definitions/7`,
    `${rd}/resources`,
    `${rd}/resources/${node}`,
    `${rd}/resources/${node}/volumes`,
    `${rd}/resource-connections`,
    `${rd}/resource-connections/${node}/${peer}`,
    `${rd}/sync-status`,
    '/v1/resource-groups',
    `/v1/resource-groups/${group}`,
    '/v1/error-reports',
  ]) {
    lab.send('GET', path);
  }
}

function changeProperties(lab: LinstorLab): void {
  const rd = '/v1/resource-definitions/vm';
  const twoPrimaries = 'DrbdOptions/Net/allow-two-primaries';
  lab.send('POST', '/v1/controller/properties', { override_props: { 'Aux/site': 'all' } });
  lab.send('POST', '/v1/controller/properties', { delete_props: ['Aux/site'] });
  lab.send('DELETE', '/v1/controller/properties/Aux/site');
  lab.send('DELETE', '/v1/controller/properties/Aux%2Fsite');
  lab.send('PUT', '/v1/nodes/dr-a', { override_props: { 'Aux/rack': '1' } });
  lab.send('PUT', '/v1/nodes/dr-a', { delete_props: ['Aux/rack'] });
  lab.send('PUT', rd, { override_props: { [twoPrimaries]: 'yes', 'Aux/csi-publish-readonly': 'false' } });
  lab.send('PUT', rd, { delete_props: [twoPrimaries], delete_namespaces: ['Aux'] });
  lab.send('PUT', rd, { override_props: { 'DrbdOptions/Resource/quorum': 'off' } });
  lab.send('PUT', rd, { delete_props: ['DrbdOptions/Resource/quorum'] });
  lab.send('PUT', `${rd}/resources/pri-a`, { override_props: { 'Aux/x': '1' } });
  lab.send('PUT', `${rd}/resources/pri-a`, { delete_props: ['Aux/x'] });
}

/** Disks that come and go under a replica, and a second interface of a node. */
function changeDisks(lab: LinstorLab): void {
  lab.define('moving', 'pri-a', 'pri-b');
  const replica = '/v1/resource-definitions/moving/resources/pri-b';
  for (const path of ['diskless', 'diskful', 'diskless/DfltDisklessStorPool', 'diskful/pool']) {
    lab.send('PUT', `${replica}/toggle-disk/${path}`);
    lab.clock.pass(5000);
    lab.send('GET', '/v1/view/resources?resources=moving');
  }
  for (const change of ['deactivate', 'activate']) lab.send('POST', `${replica}/${change}`);
  lab.send('DELETE', '/v1/resource-definitions/moving');
  const interfaces = '/v1/nodes/pri-b/net-interfaces';
  lab.send('POST', interfaces, { name: 'repl', address: '10.1.0.1' });
  lab.send('PUT', `${interfaces}/repl`, { name: 'repl', address: '10.1.0.2' });
  lab.send('GET', interfaces);
  lab.send('DELETE', `${interfaces}/repl`);
}

/** Volume groups, a store of somebody's own, and how large a volume may be. */
function keepTemplates(lab: LinstorLab): void {
  const templates = '/v1/resource-groups/templates/volume-groups';
  lab.send('POST', '/v1/resource-groups', { name: 'templates', select_filter: { place_count: 2 } });
  for (const body of [{}, { volume_number: 0 }]) lab.send('POST', templates, body);
  lab.send('GET', templates);
  for (const number of [0, 7]) lab.send('GET', `${templates}/${number}`);
  lab.send('POST', '/v1/resource-groups/templates/query-size-info', {});
  for (const number of [0, 0]) lab.send('DELETE', `${templates}/${number}`);
  lab.send('POST', '/v1/resource-groups/grp/volume-groups', {});
  const store = '/v1/key-value-store/tour';
  lab.send('PUT', store, { override_props: { '/a/b': '1' } });
  lab.send('GET', store);
  lab.send('GET', '/v1/key-value-store');
  lab.send('DELETE', store);
}

/** Names that there are not, values that are none, things that exist, things in use, paths and methods nobody knows. */
function askWrongly(lab: LinstorLab): void {
  readEverything(lab, 'nosuch', 'nosuch', 'nosuch', 'nosuch');
  readEverything(lab, 'vm', 'nosuch', 'nosuch');
  const bad = { override_props: { 'NoSuchThing/x': '1' } };
  const value = { override_props: { 'DrbdOptions/Resource/quorum': 'banana' } };
  const resource = { resource: { props: { StorPoolName: 'nosuch' } } };
  const definition = (name: string): Json => ({ resource_definition: { name } });
  for (const rd of ['vm', 'nosuch']) {
    const path = `/v1/resource-definitions/${rd}`;
    for (const change of [bad, value]) lab.send('PUT', path, change);
    for (const node of ['pri-a', 'pri-b', 'nosuch']) {
      lab.send('PUT', `${path}/resources/${node}`, bad);
      lab.send('POST', `${path}/resources/${node}`, resource);
      lab.send('POST', `${path}/resources`, [{ resource: { node_name: node } }]);
      lab.send('POST', `${path}/resources/${node}/make-available`, {});
    }
    lab.send('POST', `${path}/volume-definitions`, { volume_definition: { size_kib: 20_480 } });
    lab.send('POST', `${path}/autoplace`, { select_filter: { place_count: 9 } });
  }
  for (const change of [bad, value]) {
    lab.send('POST', '/v1/controller/properties', change);
    for (const node of ['dr-a', 'nosuch']) lab.send('PUT', `/v1/nodes/${node}`, change);
    for (const group of ['grp', 'nosuch']) lab.send('PUT', `/v1/resource-groups/${group}`, change);
  }
  for (const name of ['vm', '7up', 'x'.repeat(49)]) lab.send('POST', '/v1/resource-definitions', definition(name));
  lab.send('POST', '/v1/resource-definitions', {
    resource_definition: { name: 'other', resource_group_name: 'nosuch' },
  });
  const spawned = { resource_definition_name: 'vm', volume_sizes: [20_480] };
  const large = { resource_definition_name: 'large', volume_sizes: [2 ** 40] };
  for (const group of ['grp', 'nosuch'])
    for (const body of [spawned, large]) lab.send('POST', `/v1/resource-groups/${group}/spawn`, body);
  lab.send('POST', '/v1/resource-groups', { name: 'grp' });
  lab.send('DELETE', '/v1/resource-groups/grp');
  lab.send('GET', '/v1/nosuch');
  lab.send('PUT', '/v1/nodes');
}

function breakThings(lab: LinstorLab): void {
  lab.kernel.open('vm', 'pri-a', 'pod', 'rw');
  lab.clock.pass(2000);
  readEverything(lab, 'vm', 'pri-a', 'pri-b');
  lab.send('DELETE', '/v1/resource-definitions/vm');
  lab.send('DELETE', '/v1/resource-definitions/vm/resources/pri-a');
  lab.kernel.setLink('pri-a', 'dr-a', false);
  lab.clock.pass(15_000);
  for (let count = 0; count < 50; count++) lab.kernel.write('vm', 'pri-a', 'pod');
  readEverything(lab, 'vm', 'dr-a', 'pri-a');
  lab.kernel.setLink('pri-a', 'dr-a', true);
  for (let count = 0; count < 12; count++) {
    lab.clock.pass(500);
    lab.send('GET', '/v1/view/resources?resources=vm');
    lab.send('GET', '/v1/resource-definitions/vm/sync-status');
  }
  lab.linstor.satelliteLost('dr-a');
  readEverything(lab, 'vm', 'dr-a', 'pri-a');
  lab.send('PUT', '/v1/resource-definitions/vm', { override_props: { 'Aux/x': '1' } });
  lab.clock.pass(10_000);
  readEverything(lab, 'vm', 'dr-a', 'pri-a');
  lab.send('PUT', '/v1/nodes/dr-a', { override_props: { 'Aux/x': '1' } });
  lab.send('PUT', '/v1/resource-definitions/vm', { override_props: { 'Aux/x': '2' } });
  lab.send('PUT', '/v1/resource-definitions/vm/resources/dr-a', { override_props: { 'Aux/x': '2' } });
  lab.send('POST', '/v1/resource-definitions/spawned/resources/dr-a/make-available', {});
  lab.define('late', 'dr-a');
  lab.send('DELETE', '/v1/resource-definitions/spawned');
  lab.send('GET', '/v1/resource-definitions/spawned');
  lab.send('GET', '/v1/view/resources?resources=spawned');
  lab.linstor.satelliteBack('dr-a');
  lab.clock.pass(10_000);
  readEverything(lab, 'vm', 'dr-a', 'pri-a');
}

function takeAway(lab: LinstorLab): void {
  lab.kernel.close('vm', 'pri-a', 'pod');
  lab.clock.pass(2000);
  lab.send('DELETE', '/v1/resource-definitions/one/resources/pri-a');
  lab.send('DELETE', '/v1/resource-definitions/one/resources/dr-a');
  lab.send('DELETE', '/v1/resource-definitions/vm/resources/pri-b');
  lab.send('DELETE', '/v1/resource-definitions/vm/resources/nosuch');
  for (const name of ['vm', 'one', 'auto', 'late', 'only-defined', 'nosuch'])
    lab.send('DELETE', `/v1/resource-definitions/${name}`);
  lab.send('DELETE', '/v1/resource-groups/grp');
  lab.send('DELETE', '/v1/resource-groups/nosuch');
  readEverything(lab, 'vm', 'pri-a', 'pri-b');
}
