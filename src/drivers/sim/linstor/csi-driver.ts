import type { Json } from '../../../model/json.ts';
import type {
  CreatedVolume,
  CsiResult,
  VolumePublisher,
  VolumeProvisioner,
  VolumeWish,
} from '../behaviours/storage/csi-ports.ts';
import type { LinstorController } from './controller.ts';
import { diskfulOf, findByName, type ResourceDefinition } from './store.ts';

const ok: CsiResult = { kind: 'ok' };

/**
 * linstor-csi of one cluster: what its controller service makes of the volume calls, as requests to LINSTOR.
 * Sources: `pkg/driver/driver.go` and `pkg/client/linstor.go` (Attach, Detach, Create, Delete) of piraeusdatastore/linstor-csi.
 */
export class LinstorCsiDriver implements VolumePublisher, VolumeProvisioner {
  readonly #linstor: LinstorController;

  constructor(linstor: LinstorController) {
    this.#linstor = linstor;
  }

  publish(volume: string, node: string, { sharedBlock }: { readonly sharedBlock: boolean }): CsiResult {
    const { store } = this.#linstor;
    const definition = findByName(store.definitions, volume);
    if (definition === undefined) {
      return error('NotFound', `ControllerPublishVolume failed for ${volume}: volume not present in storage backend`);
    }
    const place = findByName(store.nodes, node);
    if (place === undefined || place.connection === 'OFFLINE') {
      const why = place === undefined ? '404 Not Found' : 'node OFFLINE';
      return error('NotFound', `ControllerPublishVolume failed for ${volume} on node ${node}: ${why}`);
    }
    const others = otherUsers(definition, node);
    if (others >= 2) {
      return error('Internal', `ControllerPublishVolume failed for ${volume}: two other resources already InUse`);
    }
    if (others === 1 && sharedBlock) this.#changeTwoPrimaries(volume, { override_props: { [twoPrimaries]: 'yes' } });
    return this.#send('POST', `/v1/resource-definitions/${volume}/resources/${node}/make-available`, {});
  }

  unpublish(volume: string, node: string): CsiResult {
    const definition = findByName(this.#linstor.store.definitions, volume);
    const replica = definition?.resources.get(node.toLowerCase());
    if (definition === undefined) return ok;
    // Whatever node is named: with exactly one user left, on any node, a second one is no longer allowed.
    if (users(definition) === 1) this.#changeTwoPrimaries(volume, { delete_props: [twoPrimaries] });
    if (replica === undefined) return ok;
    // Only a diskless replica that a publish has made goes away again; data and tiebreakers stay.
    if (replica.kind !== 'client') return ok;
    const answer = this.#send('DELETE', `/v1/resource-definitions/${volume}/resources/${node}?keep_tiebreaker=true`);
    // "Still in use" is no error to the driver.
    return answer.kind === 'error' && /still in use/.test(answer.message) ? ok : answer;
  }

  ensureVolume(wish: VolumeWish): CreatedVolume | Extract<CsiResult, { kind: 'error' }> {
    const made = this.#linstor.ensureVolume(wish.name, wish.sizeKib, wish.parameters);
    if (made !== undefined) {
      return allowsRemoteAccess(wish.parameters)
        ? { kind: 'ok' }
        : { kind: 'ok', onlyOn: diskfulOf(made).map((replica) => replica.node) };
    }
    return error('Internal', `CreateVolume failed for ${wish.name}: not enough nodes fulfil the placement constraints`);
  }

  deleteVolume(name: string): CsiResult {
    return this.#send('DELETE', `/v1/resource-definitions/${name}`);
  }

  #changeTwoPrimaries(volume: string, body: Json): void {
    this.#linstor.request({ method: 'PUT', path: `/v1/resource-definitions/${volume}`, body });
  }

  #send(method: string, path: string, body?: Json): CsiResult {
    const [plain = '', flag] = path.split('?');
    const [name = '', value = ''] = flag?.split('=') ?? [];
    const query = flag === undefined ? {} : { query: { [name]: value } };
    const answer = this.#linstor.request({ method, path: plain, ...query, ...(body === undefined ? {} : { body }) });
    return answer.status < 300 || answer.status === 404 ? ok : error('Internal', messageOf(answer.body));
  }
}

const twoPrimaries = 'DrbdOptions/Net/allow-two-primaries';

function users(definition: ResourceDefinition): number {
  return [...definition.resources.values()].filter((replica) => replica.report?.inUse === true).length;
}

function otherUsers(definition: ResourceDefinition, node: string): number {
  return [...definition.resources.values()].filter(
    (replica) => replica.node.toLowerCase() !== node.toLowerCase() && replica.report?.inUse === true,
  ).length;
}

/** `allowRemoteVolumeAccess: "false"`; a list of rules counts as allowed here. */
function allowsRemoteAccess(parameters: VolumeWish['parameters']): boolean {
  const entry = Object.entries(parameters).find(([key]) =>
    /^(linstor\.csi\.linbit\.com\/)?allowRemoteVolumeAccess$/i.test(key),
  );
  return entry?.[1].toLowerCase() !== 'false';
}

function error(code: string, message: string): Extract<CsiResult, { kind: 'error' }> {
  return { kind: 'error', code, message };
}

function messageOf(body: Json): string {
  const first = Array.isArray(body) ? (body as readonly Json[])[0] : body;
  const message = first !== null && typeof first === 'object' && 'message' in first ? first.message : undefined;
  return typeof message === 'string' ? message : 'the storage backend refused the request';
}
