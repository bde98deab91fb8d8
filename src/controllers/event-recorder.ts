import { type Instant, minute, type Millis, timestamp } from '../model/instant.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { type KubeObject, resources } from '../model/kube.ts';
import type { KubeRequest } from '../model/request.ts';
import type { SiteName } from '../model/site.ts';
import type { Clock, Driver, Log } from '../runtime/ports.ts';

export interface EventRecorderSettings {
  readonly site: SiteName;
  /** The controller's name, and who this process is. */
  readonly component: string;
  readonly instance: string;
  readonly driver: Pick<Driver, 'perform'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Something that has happened to an object, for `kubectl describe`. */
export interface Happening {
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase. */
  readonly reason: string;
  readonly message: string;
}

/** What has been told before is counted on for this long; after that it is news again. */
const memory: Millis = 60 * minute;
/** How many happenings are remembered. */
const rememberedMax = 1000;

interface Told {
  readonly name: string;
  readonly count: number;
  readonly at: Instant;
}

/**
 * Tells of what happens to objects as Kubernetes Events. The same again only raises the count of the one that is there, as
 * client-go's correlator does (`tools/record/events_cache.go` of kubernetes/client-go). An Event that cannot be written is lost:
 * nothing depends on one.
 */
export class EventRecorder {
  readonly #settings: EventRecorderSettings;
  readonly #told = new Map<string, Told>();

  constructor(settings: EventRecorderSettings) {
    this.#settings = settings;
  }

  async record(object: KubeObject, happening: Happening): Promise<void> {
    const { clock, driver, log } = this.#settings;
    const now = clock.now();
    const key = JSON.stringify([object.metadata.uid, happening.type, happening.reason, happening.message]);
    const told = this.#told.get(key);
    const isKnown = told !== undefined && now - told.at < memory;
    const name = isKnown ? told.name : `${object.metadata.name}.${now.toString(16)}${this.#told.size.toString(16)}`;
    const count = isKnown ? told.count + 1 : 1;
    this.#remember(key, { name, count, at: now });
    const request = isKnown ? this.#again(object, name, count, now) : this.#first(object, name, happening, now);
    const outcome = await driver.perform(request);
    if (outcome.kind === 'applied') return;
    // Somebody may have cleaned up: the next one begins anew.
    this.#told.delete(key);
    log.debug('event_not_written', {
      object: object.metadata.name,
      reason: happening.reason,
      message: outcome.message,
    });
  }

  /** What is news again is forgotten, and the oldest when there are too many. */
  #remember(key: string, told: Told): void {
    this.#told.delete(key);
    this.#told.set(key, told);
    for (const [oldest, { at }] of this.#told) {
      if (this.#told.size <= rememberedMax && told.at - at < memory) return;
      this.#told.delete(oldest);
    }
  }

  #first(object: KubeObject, name: string, { type, reason, message }: Happening, now: Instant): KubeRequest {
    const { component, instance } = this.#settings;
    const { namespace = 'default' } = object.metadata;
    const body: JsonObject = {
      apiVersion: 'v1',
      kind: resources.event.kind,
      metadata: { name, namespace },
      involvedObject: involved(object),
      type,
      reason,
      message,
      source: { component },
      reportingComponent: `siterecovery.trilio.io/${component}`,
      reportingInstance: instance,
      firstTimestamp: timestamp(now),
      lastTimestamp: timestamp(now),
      count: 1,
    };
    return { ...this.#place(object), verb: 'create', body };
  }

  #again(object: KubeObject, name: string, count: number, now: Instant): KubeRequest {
    const body = { count, lastTimestamp: timestamp(now) };
    return { ...this.#place(object), verb: 'patch', patch: 'merge', name, body };
  }

  #place({ metadata }: KubeObject): Pick<KubeRequest, 'api' | 'site' | 'resource' | 'namespace'> {
    const { site } = this.#settings;
    return { api: 'kube', site, resource: resources.event, namespace: metadata.namespace ?? 'default' };
  }
}

function involved({ apiVersion, kind, metadata }: KubeObject): Json {
  const { name, namespace = 'default', uid = '', resourceVersion = '' } = metadata;
  return { apiVersion, kind, name, namespace, uid, resourceVersion };
}
