import { at, flagAt, listAt, textAt } from '../../../model/json.ts';
import { resources } from '../../../model/kube.ts';
import type { Admission, AdmissionReview, Denial } from '../api-server/admission.ts';

const strategies: readonly string[] = ['Always', 'Halted', 'Manual', 'RerunOnFailure', 'Once', 'WaitAsReceiver'];
const evictionStrategies: readonly string[] = ['None', 'LiveMigrate', 'LiveMigrateIfPossible', 'External'];

/**
 * KubeVirt's validating webhook for VirtualMachines, as far as the product can run into it: the power fields, and the
 * parts of a template that name each other. Source: `pkg/virt-api/webhooks/validating-webhook/admitters/vms-admitter.go`.
 */
export const virtualMachineValidator: Admission = {
  name: 'virtualmachine-validator.kubevirt.io',
  resources: [resources.virtualMachine],
  validate(review) {
    if (review.operation === 'DELETE' || review.object === undefined) return undefined;
    const denial = powerDenial(review) ?? templateDenial(review);
    if (denial === undefined && flagAt(review.object, 'spec', 'running') !== undefined) {
      review.warn('spec.running is deprecated, please use spec.runStrategy instead.');
    }
    return denial;
  },
};

function powerDenial({ object }: AdmissionReview): Denial | undefined {
  const running = at(object, 'spec', 'running');
  const strategy = textAt(object, 'spec', 'runStrategy');
  if (running !== undefined && strategy !== undefined) {
    const text =
      'Running and RunStrategy are mutually exclusive. Note that Running is deprecated, please use RunStrategy instead';
    return invalid(text, 'spec.running');
  }
  if (running === undefined && strategy === undefined) return invalid('RunStrategy must be specified', 'spec.running');
  if (strategy === undefined || strategies.includes(strategy)) return undefined;
  return invalid(`Invalid RunStrategy (${strategy})`, 'spec.runStrategy');
}

function templateDenial({ object }: AdmissionReview): Denial | undefined {
  const spec = at(object, 'spec', 'template', 'spec');
  const volumes = listAt(spec, 'volumes').map((volume) => textAt(volume, 'name'));
  const path = 'spec.template.spec';
  for (const [index, disk] of listAt(spec, 'domain', 'devices', 'disks').entries()) {
    const name = textAt(disk, 'name');
    if (volumes.includes(name)) continue;
    const field = `${path}.domain.devices.disks[${index}]`;
    return invalid(`${field}.Name '${name}' not found.`, `${field}.name`);
  }
  for (const [index, one] of listAt(spec, 'domain', 'devices', 'interfaces').entries()) {
    const mac = textAt(one, 'macAddress');
    if (mac === undefined || /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(mac)) continue;
    const field = `${path}.domain.devices.interfaces[${index}]`;
    return invalid(`interface ${field}.name has malformed MAC address (${mac}).`, `${field}.macAddress`);
  }
  const eviction = textAt(spec, 'evictionStrategy');
  if (eviction !== undefined && !evictionStrategies.includes(eviction)) {
    const field = `${path}.evictionStrategy`;
    return invalid(`${field} is set with an unrecognized option: ${eviction}`, field);
  }
  return unreferencedTemplate(object);
}

function unreferencedTemplate(object: AdmissionReview['object']): Denial | undefined {
  const volumes = listAt(object, 'spec', 'template', 'spec', 'volumes');
  const used = volumes.map(
    (volume) => textAt(volume, 'dataVolume', 'name') ?? textAt(volume, 'persistentVolumeClaim', 'claimName'),
  );
  const index = listAt(object, 'spec', 'dataVolumeTemplates').findIndex(
    (template) => !used.includes(textAt(template, 'metadata', 'name')),
  );
  if (index < 0) return undefined;
  const field = `spec.dataVolumeTemplate[${index}]`;
  const message = `DataVolumeTemplate entry ${field} must be referenced in the VMI template's 'volumes' list`;
  return { code: 422, reason: 'Invalid', message, causes: [{ reason: 'FieldValueRequired', message, field }] };
}

function invalid(message: string, field: string): Denial {
  return { code: 422, reason: 'Invalid', message, causes: [{ reason: 'FieldValueInvalid', message, field }] };
}
