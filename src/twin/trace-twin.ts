import { TraceWriter } from '../runtime/trace.ts';
import type { Twin } from './twin.ts';

/** Writes every change of every object of every cluster from now on. Same seed, same orders: same lines, byte for byte. */
export function traceTwin(twin: Twin, write: (line: string) => void): TraceWriter {
  const { world } = twin;
  const writer = new TraceWriter({ program: 'twin', seed: world.settings.seed }, write);
  for (const [cluster, { api }] of world.clusters) {
    api.onChange(({ type, resource, object, version }) => {
      const { namespace, name } = object.metadata;
      const place = namespace === undefined ? name : `${namespace}/${name}`;
      writer.add(world.wall(), cluster, {
        kind: 'change',
        change: type,
        object: `${resource.plural}/${place}`,
        version,
      });
    });
  }
  return writer;
}
