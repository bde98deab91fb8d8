import type { Replica } from '../../drivers/sim/drbd/replica.ts';
import type { TraceWriter } from '../../runtime/trace.ts';
import type { RecordKeeper } from '../record-keeper.ts';
import type { Stage } from '../stage.ts';

/** Nodes renew their own Leases there every ten seconds. */
const nodeLeases = 'kube-node-lease';

/** Tells a trace, from now on, of everything in a run: what hosts do, what becomes of objects, guests and replicas, and what breaks. */
export function traceRun({ twin }: Stage, keeper: RecordKeeper, writer: TraceWriter): void {
  const { world, hosts, guests, kernel, sites } = twin;
  hosts.traceTo(writer);
  keeper.onNote = ({ text }) => writer.add(world.wall(), 'drill', { kind: 'note', text });
  const tellScene = keeper.onViolation;
  keeper.onViolation = (violation) => {
    const { property, what } = violation;
    writer.add(world.wall(), 'drill', { kind: 'violation', property, what });
    tellScene?.(violation);
  };
  guests.onChange(({ vm, node, phase }) =>
    writer.add(world.wall(), node, { kind: 'truth', of: `guest ${vm}`, is: phase }),
  );
  const replicas = new Map<string, string>();
  kernel.onChange((volume) => {
    for (const replica of kernel.resource(volume)?.replicas.values() ?? []) {
      const key = `${volume} on ${replica.node}`;
      const is = sentenceOf(replica);
      if (replicas.get(key) === is) continue;
      replicas.set(key, is);
      writer.add(world.wall(), replica.node, { kind: 'truth', of: `replica ${volume}`, is });
    }
  });
  for (const { name } of sites) {
    world.cluster(name).api.onChange(({ type, resource, object }) => {
      const { resourceVersion, namespace } = object.metadata;
      if (namespace === nodeLeases) return;
      const path = namespace === undefined ? object.metadata.name : `${namespace}/${object.metadata.name}`;
      writer.add(world.wall(), name, {
        kind: 'change',
        change: type,
        object: `${resource.plural}/${path}`,
        version: Number(resourceVersion ?? 0),
      });
    });
  }
}

function sentenceOf({ running, role, disk, quorum, peers }: Replica): string {
  if (!running) return 'down';
  const links = [...peers.values()].map(({ node, connection, replication }) => `${node} ${connection} ${replication}`);
  return `${role}, ${disk}, ${quorum ? 'quorum' : 'no quorum'}; ${links.join(', ')}`;
}
