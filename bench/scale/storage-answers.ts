import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '../../src/model/json.ts';
import { estateNodes } from './estate.ts';

/** A LINSTOR controller that has two copies of each volume, connected and UpToDate, and says so again and again. */
export async function serveStorage(volumes: readonly string[]): Promise<{ readonly url: string; close(): void }> {
  const [holder, other] = estateNodes;
  const replica = (name: string, node: string, peer: string): Json => ({
    name,
    node_name: node,
    flags: [],
    state: { in_use: node === holder },
    layer_object: {
      type: 'DRBD',
      drbd: { may_promote: node === holder, connections: { [peer]: { connected: true, message: 'Connected' } } },
    },
    volumes: [
      {
        volume_number: 0,
        state: { disk_state: 'UpToDate', replication_states: { [peer]: { replication_state: 'Established' } } },
      },
    ],
  });
  const answers: Readonly<Record<string, Json>> = {
    '/v1/view/resources': volumes.flatMap((name) => [replica(name, holder, other), replica(name, other, holder)]),
    '/v1/resource-definitions': volumes.map((name) => ({ name, props: {}, resource_group_name: 'shared' })),
    '/v1/resource-groups': [{ name: 'shared', props: { 'DrbdOptions/Resource/quorum': 'off' } }],
    '/v1/controller/properties': {},
    '/v1/nodes': estateNodes.map((name) => ({ name, type: 'SATELLITE', connection_status: 'ONLINE' })),
    '/v1/controller/version': { version: '1.31.0', rest_api_version: '1.25.0' },
  };
  const texts = new Map(Object.entries(answers).map(([path, answer]) => [path, JSON.stringify(answer)]));
  const server: Server = createServer((request, response) => {
    const text = texts.get(request.url?.split('?')[0] ?? '');
    response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(text ?? '[]');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
