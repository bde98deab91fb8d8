import { LinstorCsiDriver } from '../../../../src/drivers/sim/linstor-csi/csi-driver.ts';
import type { CreatedVolume, CsiAnswer } from '../../../../src/drivers/sim/behaviours/storage/csi-ports.ts';
import { LinstorLab } from '../linstor/linstor-lab.ts';

/** One LINSTOR with three nodes, and the drivers of two clusters that use it. */
export class CsiLab extends LinstorLab {
  /** Requests of the drivers, in order, without `GET`s. */
  readonly changes: string[] = [];
  readonly here = this.#driver();
  readonly there = this.#driver();

  /** Makes a volume of mode Block; the answer must be that it is there. */
  create(name: string, parameters: Readonly<Record<string, string>> = sites, driver = this.here): CreatedVolume {
    const answer = this.tryToCreate(name, parameters, driver);
    if (answer.kind === 'error') throw new Error(`${answer.code}: ${answer.message}`);
    return answer.value.volume;
  }

  tryToCreate(
    name: string,
    parameters: Readonly<Record<string, string>> = sites,
    driver = this.here,
  ): CsiAnswer<{ readonly volume: CreatedVolume }> {
    const capability = { block: {}, accessMode: { mode: 'SINGLE_NODE_MULTI_WRITER' } };
    return driver.createVolume({
      name,
      capacityRange: { requiredBytes: String(20 << 20) },
      volumeCapabilities: [capability],
      parameters,
    });
  }

  publish(volumeId: string, nodeId: string, driver = this.here): string {
    const volumeCapability = { block: {}, accessMode: { mode: 'MULTI_NODE_MULTI_WRITER' } };
    const answer = driver.controllerPublishVolume({ volumeId, nodeId, volumeCapability });
    return answer.kind === 'ok' ? 'OK' : `${answer.code}: ${answer.message}`;
  }

  unpublish(volumeId: string, nodeId: string, driver = this.here): string {
    const answer = driver.controllerUnpublishVolume({ volumeId, nodeId });
    return answer.kind === 'ok' ? 'OK' : `${answer.code}: ${answer.message}`;
  }

  delete(volumeId: string, { driver = this.here, goesOn = false } = {}): string {
    const answer = driver.deleteVolume({ volumeId }, goesOn);
    if (answer.kind === 'waiting') return `waits ${answer.lookAgainAfter}`;
    return answer.kind === 'ok' ? 'OK' : `${answer.code}: ${answer.message}`;
  }

  /** Somebody on the node has the volume open for writing, and LINSTOR knows. */
  open(volume: string, node: string): void {
    this.clock.pass(2000);
    this.kernel.open(volume, node, 'guest', 'rw');
    this.clock.pass(2000);
  }

  close(volume: string, node: string): void {
    this.kernel.close(volume, node, 'guest');
    this.clock.pass(2000);
  }

  #driver(): LinstorCsiDriver {
    return new LinstorCsiDriver({
      linstor: this.linstor,
      now: () => this.clock.now,
      onRequest: (method, path) => {
        if (method !== 'GET') this.changes.push(`${method} ${path}`);
      },
    });
  }
}

/** A copy at each of the two sites. */
export const sites = { placementCount: '2', replicasOnDifferent: 'site', storagePool: 'pool' };
