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
    if (place?.connection !== 'ONLINE') {
      return error(
        'NotFound',
        `ControllerPublishVolume failed for ${volume} on node ${node}: node not found or offline`,
      );
    }
    const others = otherUsers(definition, node);
    if (others >= 2) {
      return error('Internal', `ControllerPublishVolume failed for ${volume}: two other resources already InUse`);
    }
    if (others === 1 && sharedBlock) this.#setTwoPrimaries(volume, 'yes');
    return this.#send('POST', `/v1/resource-definitions/${volume}/resources/${node}/make-available`, {
      diskful: false,
    });
  }

  unpublish(volume: string, node: string): CsiResult {
    const definition = findByName(this.#linstor.store.definitions, volume);
    const replica = definition?.resources.get(node.toLowerCase());
    if (definition === undefined || replica === undefined) return ok;
    if (otherUsers(definition, node) === 1) this.#clearTwoPrimaries(volume, definition);
    // Only a diskless replica that a publish has made goes away again; data and tiebreakers stay.
    if (replica.kind !== 'client') return ok;
    return this.#send('DELETE', `/v1/resource-definitions/${volume}/resources/${node}`);
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

  #setTwoPrimaries(volume: string, value: 'yes' | 'no'): void {
    const body = { override_props: { 'DrbdOptions/Net/allow-two-primaries': value } };
    this.#linstor.request({ method: 'PUT', path: `/v1/resource-definitions/${volume}`, body });
  }

  #clearTwoPrimaries(volume: string, definition: ResourceDefinition): void {
    if (definition.properties.get('DrbdOptions/Net/allow-two-primaries') === 'yes') this.#setTwoPrimaries(volume, 'no');
  }

  #send(method: string, path: string, body?: Json): CsiResult {
    const answer = this.#linstor.request(body === undefined ? { method, path } : { method, path, body });
    return answer.status < 300 || answer.status === 404 ? ok : error('Internal', messageOf(answer.body));
  }
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
