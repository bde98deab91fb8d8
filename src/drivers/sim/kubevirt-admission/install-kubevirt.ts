import type { Instant } from '../../../model/instant.ts';
import type { ApiServer } from '../api-server/api-server.ts';
import type { RandomStream } from '../random.ts';
import { powerSubresources } from './power-subresources.ts';
import { virtualMachineValidator } from './run-strategy-rules.ts';
import { virtualMachineDefaults } from './vm-defaults.ts';
import { viewSubresources } from './vm-views.ts';
import { instanceDefaults, instanceUpdateRules } from './vmi-rules.ts';

/** Adds virt-api's webhooks and subresources to a cluster's API server. The CustomResourceDefinitions come apart. */
export function installKubevirtApi(api: ApiServer, random: RandomStream, wallNow: () => Instant): void {
  api.addAdmission(virtualMachineDefaults(random));
  api.addAdmission(instanceDefaults(wallNow));
  api.addAdmission(virtualMachineValidator);
  api.addAdmission(instanceUpdateRules);
  for (const handler of [...powerSubresources(api), ...viewSubresources(api)]) api.addSubresource(handler);
}
