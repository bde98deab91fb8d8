import type { CsiAnswer, CsiWait } from '../../../src/drivers/sim/behaviours/storage/csi-ports.ts';
import type { LinstorCsiDriver } from '../../../src/drivers/sim/linstor-csi/csi-driver.ts';
import {
  controllerCapabilities,
  groupCapabilities,
  nodeCapabilities,
  pluginCapabilities,
  pluginInfo,
} from '../../../src/drivers/sim/linstor-csi/identity.ts';
import type { Json } from '../../../src/model/json.ts';

type Take = (driver: LinstorCsiDriver, args: Json, goesOn: boolean) => CsiAnswer<unknown> | CsiWait;

/** The call of that name, with its recorded arguments as they are. */
export function callDriver(
  driver: LinstorCsiDriver,
  method: string,
  args: Json,
  goesOn: boolean,
): CsiAnswer<unknown> | CsiWait {
  const take = calls[method];
  if (take === undefined) throw new Error(`the driver does not know ${method}`);
  return take(driver, args, goesOn);
}

export function isKnown(method: string): boolean {
  return method in calls;
}

const answer =
  (value: object): Take =>
  () => ({ kind: 'ok', value });

const calls: Readonly<Record<string, Take>> = {
  GetPluginInfo: answer(pluginInfo),
  GetPluginCapabilities: answer(pluginCapabilities),
  Probe: answer({}),
  ControllerGetCapabilities: answer(controllerCapabilities),
  GroupControllerGetCapabilities: answer(groupCapabilities),
  NodeGetCapabilities: answer(nodeCapabilities),
  NodeGetInfo: (driver) => driver.nodeGetInfo(),
  NodeStageVolume: (driver) => driver.nodeStageVolume(),
  CreateVolume: (driver, args) => driver.createVolume(args as object),
  DeleteVolume: (driver, args, goesOn) => driver.deleteVolume(args as object, goesOn),
  ControllerPublishVolume: (driver, args) => driver.controllerPublishVolume(args as object),
  ControllerUnpublishVolume: (driver, args) => driver.controllerUnpublishVolume(args as object),
  ControllerExpandVolume: (driver, args) => driver.controllerExpandVolume(args as object),
  ControllerGetVolume: (driver, args) => driver.controllerGetVolume(args as object),
  ListVolumes: (driver, args) => driver.listVolumes(args as object),
  ValidateVolumeCapabilities: (driver, args) => driver.validateVolumeCapabilities(args as object),
  GetCapacity: (driver, args) => driver.getCapacity(args as object),
};
