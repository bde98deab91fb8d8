import { listAt, type Json } from '../model/json.ts';
import type { KubeObject } from '../model/kube.ts';
import { outcomeOfKubeAnswer } from '../model/kube-outcome.ts';
import type { Millis } from '../model/instant.ts';
import type { KubeRequest, Outcome } from '../model/request.ts';
import type { SiteName } from '../model/site.ts';
import type { Change } from '../drivers/sim/api-server/api-server.ts';
import type { World } from '../drivers/sim/world.ts';

/** A change of an object, and when it happened. */
export interface PastChange extends Change {
  /** World time. */
  readonly at: Millis;
}

/** An object of a site; the namespace is empty for what has none. */
export interface ObjectPlace {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

/** What has become of one object, oldest first. */
export interface ObjectHistory {
  readonly site: SiteName;
  readonly place: ObjectPlace;
  readonly changes: readonly PastChange[];
}

/** Remembers every change of some sites, and answers reads as they would have been answered earlier. */
export class Past {
  readonly #changes = new Map<string, PastChange[]>();

  /** Remembers from now on. */
  constructor(world: World, sites: readonly SiteName[]) {
    for (const site of sites) {
      world.cluster(site).api.onChange((change) => {
        const key = `${site} ${change.resource.plural}`;
        const changes = this.#changes.get(key);
        const past = { ...change, at: world.now };
        if (changes === undefined) this.#changes.set(key, [past]);
        else changes.push(past);
      });
    }
  }

  /** The history of every object that has changed. */
  histories(): readonly ObjectHistory[] {
    const histories = new Map<
      string,
      { readonly site: SiteName; readonly place: ObjectPlace; readonly changes: PastChange[] }
    >();
    for (const [key, changes] of this.#changes) {
      const site = key.slice(0, key.indexOf(' '));
      for (const change of changes) {
        const { namespace = '', name } = change.object.metadata;
        const id = `${key} ${namespace}/${name}`;
        const known = histories.get(id);
        if (known !== undefined) known.changes.push(change);
        else
          histories.set(id, { site, place: { resource: change.resource.plural, namespace, name }, changes: [change] });
      }
    }
    return [...histories.values()];
  }

  /** What has happened to the objects that a read asks for, oldest first. */
  changesIn({ site, resource, namespace, name }: KubeRequest): readonly PastChange[] {
    const changes = this.#changes.get(`${site} ${resource.plural}`) ?? [];
    return changes.filter(
      ({ object: { metadata } }) =>
        (namespace === undefined || metadata.namespace === namespace) && (name === undefined || metadata.name === name),
    );
  }

  /**
   * The answer to a read as it would have been just before a moment: every object, or the one that is named, is undone to
   * what it was. An answer that says that nothing could be read stays; so does one that was no other.
   */
  answer(request: KubeRequest, fresh: Outcome, before: Millis, only?: ObjectPlace): Outcome {
    if (fresh.kind === 'unknown' || (fresh.kind === 'refused' && fresh.status !== 404)) return fresh;
    const undone = this.changesIn(request).filter(({ at, object }) => at >= before && isOf(object, only));
    if (undone.length === 0) return fresh;
    const objects = new Map(objectsIn(request, fresh).map((object) => [keyOf(object), object]));
    for (const { object, old } of undone.toReversed()) {
      if (old === undefined) objects.delete(keyOf(object));
      else objects.set(keyOf(object), old);
    }
    return answerWith(
      request,
      [...objects].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object),
    );
  }
}

function isOf({ metadata }: KubeObject, place: ObjectPlace | undefined): boolean {
  return place === undefined || (metadata.name === place.name && (metadata.namespace ?? '') === place.namespace);
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function objectsIn({ verb }: KubeRequest, fresh: Outcome): readonly KubeObject[] {
  if (fresh.kind !== 'applied') return [];
  return (verb === 'list' ? listAt(fresh.body, 'items') : [fresh.body]) as unknown as readonly KubeObject[];
}

function answerWith({ verb, site, resource, name = '' }: KubeRequest, objects: readonly KubeObject[]): Outcome {
  if (verb === 'list') return { kind: 'applied', status: 200, body: { items: objects as unknown as Json } };
  const found = objects[0];
  if (found !== undefined) return { kind: 'applied', status: 200, body: found as unknown as Json };
  const { group, plural } = resource;
  const message = `${group === '' ? plural : `${plural}.${group}`} "${name}" not found`;
  const body = { kind: 'Status', status: 'Failure', reason: 'NotFound', message, details: { name }, code: 404 };
  return outcomeOfKubeAnswer({ status: 404, body, message }, site);
}
