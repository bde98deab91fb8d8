import type { Instant, Millis } from '../../../model/instant.ts';
import type { KubeObject, ResourceType } from '../../../model/kube.ts';
import type { Answer, Behaviour, ClusterPort, LocalRequest, ObjectKey } from '../behaviour.ts';
import type { RandomStream } from '../random.ts';

/** The behaviour, saying nothing: its Events are not stored. For worlds in which nobody reads them and speed counts. */
export function withoutEvents(behaviour: Behaviour): Behaviour {
  let quiet: QuietPort | undefined;
  return {
    ...behaviour,
    reconcile(port, key) {
      if (quiet?.port !== port) quiet = new QuietPort(port);
      behaviour.reconcile(quiet, key);
    },
  };
}

const unheard: Answer = { status: 201, body: null };

class QuietPort implements ClusterPort {
  readonly port: ClusterPort;
  readonly cluster: string;
  readonly random: RandomStream;

  constructor(port: ClusterPort) {
    this.port = port;
    this.cluster = port.cluster;
    this.random = port.random;
  }

  get now(): Millis {
    return this.port.now;
  }

  get wallNow(): Instant {
    return this.port.wallNow;
  }

  get(resource: ResourceType, namespace: string, name: string): KubeObject | undefined {
    return this.port.get(resource, namespace, name);
  }

  list(resource: ResourceType, namespace?: string): readonly KubeObject[] {
    return this.port.list(resource, namespace);
  }

  request(request: LocalRequest): Answer {
    return request.resource.kind === 'Event' ? unheard : this.port.request(request);
  }

  wakeAt(at: Millis, key: ObjectKey): void {
    this.port.wakeAt(at, key);
  }

  nodeIsUp(node: string): boolean {
    return this.port.nodeIsUp(node);
  }
}
