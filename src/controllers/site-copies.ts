import { Reflector } from '../drivers/real/reflector.ts';
import type { WatchableDriver } from '../drivers/real/live-driver.ts';
import { groupResourceOf, type KubeObject, type ResourceType } from '../model/kube.ts';
import type { Json } from '../model/json.ts';
import { oncePer } from '../model/memo.ts';
import type { KubeRequest, Outcome } from '../model/request.ts';
import type { ObjectChange } from '../model/significance.ts';
import type { SiteName } from '../model/site.ts';
import type { Clock } from '../runtime/ports.ts';

/** Of which objects of a site a copy is kept: all of a type, or those with a label. */
export interface CopiedType {
  readonly resource: ResourceType;
  readonly labelSelector?: string;
  /** True: it answers those who ask with the selector. False: those who ask for all of the type, and need no others. */
  readonly isAskedBySelector?: true;
}

export interface SiteCopiesSettings {
  readonly site: SiteName;
  /** Only what is in there, of types that have namespaces; everything unless given. */
  readonly namespace?: string;
  readonly driver: Pick<WatchableDriver, 'siteTransport'>;
  readonly types: readonly CopiedType[];
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** A change of an object, once the copies have all been made. */
  readonly onChange: (change: ObjectChange) => void;
  /** A copy is up to date that was not; or it is not any more, and why. What was read from it may be another now. */
  readonly onTurn: (resource: ResourceType, trouble: string | undefined) => void;
}

/** Copies of a site's objects, kept by one watch for each type. A copy that has lost its server answers that it does not know. */
export class SiteCopies {
  readonly #site: SiteName;
  readonly #copies: ReadonlyMap<string, TypeCopy>;
  readonly #settled = Promise.withResolvers<void>();
  #isSettled = false;

  constructor(settings: SiteCopiesSettings) {
    this.#site = settings.site;
    const onTurn: SiteCopiesSettings['onTurn'] = (resource, trouble) => {
      this.#settle();
      settings.onTurn(resource, trouble);
    };
    const onChange = (change: ObjectChange): void => {
      if (this.#isSettled) settings.onChange(change);
    };
    this.#copies = new Map(
      settings.types.map((type) => [keyOf(type), new TypeCopy({ ...settings, onChange, onTurn }, type)]),
    );
  }

  /** Begins to copy. Resolves when every type has been copied, or it is known why not. */
  async start(): Promise<void> {
    for (const copy of this.#copies.values()) copy.reflector.start();
    await this.#settled.promise;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#copies.values()].map(({ reflector }) => reflector.stop()));
  }

  /** The types whose copy is not up to date, each with the reason; but for those that the site does not have. */
  get stale(): readonly string[] {
    return [...this.#copies.values()].flatMap(({ trouble }) => (trouble === undefined ? [] : [trouble]));
  }

  /** The copied objects of a type, also those that may be behind. */
  list(type: CopiedType): readonly KubeObject[] {
    return this.#copies.get(keyOf(type))?.reflector.list() ?? [];
  }

  /** The copied object of that name, also one that may be behind. */
  get({ resource }: CopiedType, namespace: string, name: string): KubeObject | undefined {
    return this.#copies.get(groupResourceOf(resource))?.reflector.get(namespace, name);
  }

  /** What a read comes to by the copies: undefined where there is none of what it asks for. */
  read(request: KubeRequest): Outcome | undefined {
    const { site, resource, options = {}, subresource } = request;
    const { labelSelector, ...others } = options;
    if (site !== this.#site || subresource !== undefined || Object.keys(others).length > 0) return undefined;
    const asked =
      labelSelector === undefined ? { resource } : { resource, labelSelector, isAskedBySelector: true as const };
    return this.#copies.get(keyOf(asked))?.read(request);
  }

  #settle(): void {
    if (this.#isSettled || [...this.#copies.values()].some(({ wasTried }) => !wasTried)) return;
    this.#isSettled = true;
    this.#settled.resolve();
  }
}

function keyOf({ resource, labelSelector, isAskedBySelector }: CopiedType): string {
  return isAskedBySelector ? `${groupResourceOf(resource)}?${labelSelector}` : groupResourceOf(resource);
}

/** The copy of one type. An answer is kept for as long as it stands: the same objects are the very same answer. */
class TypeCopy {
  readonly reflector: Reflector;
  readonly #site: SiteName;
  readonly #type: CopiedType;
  /** Answers to lists by namespace; '' over all. */
  readonly #lists = new Map<string, Outcome>();
  #wasTried = false;
  /** The answer to every read while the copy is not up to date: that it is unknown, or that there is no such type. */
  #instead: Exclude<Outcome, { readonly kind: 'applied' }>;

  constructor(settings: SiteCopiesSettings, type: CopiedType) {
    const { site, namespace, driver, clock, random, onChange, onTurn } = settings;
    this.#site = site;
    this.#type = type;
    this.#instead = this.#unknownFor('it was not read yet');
    this.reflector = new Reflector({
      transport: () => driver.siteTransport(site),
      resource: type.resource,
      ...(namespace === undefined || !type.resource.namespaced ? {} : { namespace }),
      ...(type.labelSelector === undefined ? {} : { selector: { labelSelector: type.labelSelector } }),
      clock,
      random,
      onChange: (change) => {
        this.#lists.delete('');
        this.#lists.delete(change.object.metadata.namespace ?? '');
        onChange({ ...change, type: watchTypes[change.type], resource: type.resource });
      },
      onSynced: () => {
        this.#wasTried = true;
        onTurn(type.resource, undefined);
      },
      onStale: (reason, refusal) => {
        const instead = refusal?.status === 404 ? refusal : this.#unknownFor(reason);
        // A server that stays away is told of once.
        if (this.#wasTried && instead.message === this.#instead.message) return;
        this.#wasTried = true;
        this.#instead = instead;
        onTurn(type.resource, instead.message);
      },
    });
  }

  get wasTried(): boolean {
    return this.#wasTried;
  }

  /** Why the copy is not up to date; undefined when it is, or when there is nothing to copy. */
  get trouble(): string | undefined {
    return this.reflector.synced || this.#instead.kind === 'refused' ? undefined : this.#instead.message;
  }

  read({ verb, namespace, name }: KubeRequest): Outcome | undefined {
    if (verb !== 'get' && verb !== 'list') return undefined;
    if (!this.reflector.synced) return this.#instead;
    if (verb === 'list') return this.#list(namespace);
    const object = this.reflector.get(namespace ?? '', name ?? '');
    return object === undefined ? notFound(this.#type.resource, name ?? '') : found(object);
  }

  #list(namespace: string | undefined): Outcome {
    const kept = this.#lists.get(namespace ?? '');
    if (kept !== undefined) return kept;
    const { kind } = this.#type.resource;
    const items = this.reflector.list(namespace) as unknown as readonly Json[];
    const answer: Outcome = { kind: 'applied', status: 200, body: { kind: `${kind}List`, items } };
    this.#lists.set(namespace ?? '', answer);
    return answer;
  }

  #unknownFor(reason: string): Outcome & { readonly kind: 'unknown' } {
    const message = `The ${this.#type.resource.plural} of ${this.#site} are not followed: ${reason}`;
    return { kind: 'unknown', reason: 'unreachable', message };
  }
}

const watchTypes = { added: 'ADDED', modified: 'MODIFIED', deleted: 'DELETED' } as const;

const found = oncePer(
  (object: KubeObject): Outcome => ({ kind: 'applied', status: 200, body: object as unknown as Json }),
);

/** As an API server says it of an object, as against a type, that it does not have. */
function notFound({ plural }: ResourceType, name: string): Outcome {
  const message = `${plural} "${name}" not found`;
  const body = { kind: 'Status', reason: 'NotFound', message, details: { name, kind: plural }, code: 404 };
  return { kind: 'refused', status: 404, reason: 'NotFound', message, body };
}
