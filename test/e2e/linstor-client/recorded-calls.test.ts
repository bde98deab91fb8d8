import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LinstorFace } from '../../../src/lab/linstor-http/linstor-face.ts';
import { LinstorServer } from '../../../src/lab/linstor-http/linstor-server.ts';
import { listAt, textAt } from '../../../src/model/json.ts';
import { LinstorLab } from '../../drivers/sim/linstor/linstor-lab.ts';
import { readRecording } from '../../likeness/play-recordings.ts';
import { PythonClient } from './python-client.ts';

/** The calls whose replies were recorded in words, in order, by the names that the recording gives them. */
const calls: readonly (readonly [name: string, call: string])[] = [
  ['controller_set_prop', "controller_set_prop('Aux/py', '1')"],
  ['controller_del_prop', "controller_del_prop('Aux/py')"],
  ['node_modify', "node_modify('dr-a', property_dict={'Aux/py': '1'})"],
  ['node_modify delete', "node_modify('dr-a', delete_props=['Aux/py'])"],
  ['node_create duplicate', "node_create('dr-a', 'Satellite', '127.0.0.1')"],
  [
    'resource_group_create',
    "resource_group_create('pygrp', place_count=2, storage_pool=['pool'], replicas_on_different=['Aux/site'])",
  ],
  ['volume_group_create', "volume_group_create('pygrp')"],
  ['resource_group_spawn', "resource_group_spawn('pygrp', 'pyrsc', ['20M'])"],
  ['resource_dfn_modify', "resource_dfn_modify('pyrsc', {'DrbdOptions/Net/allow-two-primaries': 'yes'})"],
  ['resource_make_available', "resource_make_available('pri-b', 'pyrsc')"],
  ['resource_delete_if_diskless', "resource_delete_if_diskless('pri-b', 'pyrsc')"],
  ['resource_conn_modify', "resource_conn_modify('pyrsc', 'pri-a', 'dr-a', {'DrbdOptions/Net/protocol': 'C'}, [])"],
  ['keyvaluestore_modify', "keyvaluestore_modify('pykv', {'a': '1', 'b/c': '2'})"],
  ['resource_create', "resource_create([linstor.ResourceData('pri-b', 'pyrsc', diskless=True)])"],
  ['resource_delete missing', "resource_delete('nodrbd', 'pyrsc')"],
  ['resource_dfn_delete', "resource_dfn_delete('pyrsc')"],
  ['resource_dfn_delete missing', "resource_dfn_delete('pyrsc')"],
  ['resource_group_delete', "resource_group_delete('pygrp')"],
];

const recording = readRecording(
  join(import.meta.dirname, '../../recordings/linstor/recordings/client-python-linstor.json.gz'),
);
const lab = new LinstorLab();
let server: LinstorServer;
let client: PythonClient;

beforeAll(async () => {
  server = await LinstorServer.open();
  const face = new LinstorFace({
    answer: (request) => lab.linstor.request(request),
    speed: 1000,
    onFault: (cause) => process.stderr.write(`${String(cause)}\n`),
  });
  server.serve(face, () => true);
  client = new PythonClient(server.url);
});
afterAll(async () => {
  client.end();
  await server.close();
});

test.each(calls)('of %s the client is told what a real LINSTOR told it', async (name, call) => {
  const told = await client.said(call);
  lab.clock.pass(20_000);
  const { replies, isWhole } = recordedReplies(name);
  expect(replies).not.toEqual([]);
  expect(isWhole ? told : told.slice(0, replies.length)).toEqual(replies);
});

/** What the client said of the real one; without the reply in which a long recording was cut off. */
function recordedReplies(name: string): { readonly replies: readonly string[]; readonly isWhole: boolean } {
  const entry = listAt(recording).find((each) => textAt(each, 'name') === name);
  const said = (textAt(entry, 'note') ?? '').replace('client said: ', '');
  const isWhole = said.length < 200;
  const replies = isWhole ? said.split('; ') : said.split('; ').slice(0, -1);
  const read = replies.map((reply) => reply.replace(':', ' '));
  return { isWhole, replies: read.filter((reply) => !/^\w+ \(/.test(reply)) };
}
