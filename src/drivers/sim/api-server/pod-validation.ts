import { type Json, type JsonObject, isJsonObject, listAt, numberAt, objectAt, textAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { labelRule, labelTest } from './label-rules.ts';
import { podSpecDifference } from './pod-spec-text.ts';
import { sameJson } from './same-json.ts';
import type { FieldError } from './status-errors.ts';

/** What is wrong with a pod, as far as the world needs it (`pkg/apis/core/validation/validation.go` of kubernetes/kubernetes). */
export function validatePod(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  // Only the spec is looked at, and the old one was valid.
  if (object.spec !== undefined && object.spec === old?.spec) return [];
  const errors = [...containersProblems(objectAt(object, 'spec'), 'spec')];
  const restarts = textAt(object, 'spec', 'restartPolicy');
  if (old === undefined && restarts !== undefined && !restartPolicies.includes(restarts)) {
    const detail = `supported values: ${restartPolicies.map((item) => JSON.stringify(item)).join(', ')}`;
    errors.push({ type: 'NotSupported', field: 'spec.restartPolicy', value: restarts, detail });
  }
  const hostname = textAt(object, 'spec', 'hostname') ?? '';
  if (hostname !== '' && !labelTest.test(hostname)) errors.push(invalid('spec.hostname', hostname, labelRule));
  return old === undefined ? errors : [...errors, ...changedPod(object, old)];
}

const required = (field: string): FieldError => ({ type: 'Required', field, detail: '' });
const forbidden = (field: string, detail: string): FieldError => ({ type: 'Forbidden', field, detail });
const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'Invalid',
  field,
  value,
  detail,
});

const restartPolicies = ['Always', 'OnFailure', 'Never'];

/** What is wrong with the containers of a pod's spec, which stands at a path. */
export function containersProblems(spec: JsonObject, at: string): readonly FieldError[] {
  const containers = listAt(spec, 'containers');
  if (containers.length === 0) return [required(`${at}.containers`)];
  return containers.flatMap((container, index) =>
    isJsonObject(container) ? containerProblems(spec, containers, index, `${at}.containers[${index}]`) : [],
  );
}

function containerProblems(
  spec: JsonObject,
  containers: readonly Json[],
  index: number,
  path: string,
): readonly FieldError[] {
  const container = containers[index] ?? null;
  const errors: FieldError[] = [];
  const name = textAt(container, 'name') ?? '';
  if (name === '') errors.push(required(`${path}.name`));
  else if (!labelTest.test(name)) errors.push(invalid(`${path}.name`, name, labelRule));
  else if (containers.slice(0, index).some((other) => textAt(other, 'name') === name)) {
    errors.push({ type: 'Duplicate', field: `${path}.name`, value: name, detail: '' });
  }
  errors.push(...unknownMounts(spec, container, path));
  if ((textAt(container, 'image') ?? '') === '') errors.push(required(`${path}.image`));
  return errors;
}

function unknownMounts(spec: JsonObject, container: Json, path: string): readonly FieldError[] {
  const volumes = new Set(listAt(spec, 'volumes').map((volume) => textAt(volume, 'name')));
  return [...listAt(container, 'volumeMounts').entries()].flatMap(([index, mount]) => {
    const value = textAt(mount, 'name') ?? '';
    if (volumes.has(value)) return [];
    return [{ type: 'NotFound', field: `${path}.volumeMounts[${index}].name`, value, detail: '' } as const];
  });
}

const podRule =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

// `ValidatePodUpdate`.
function changedPod(object: KubeObject, old: KubeObject): readonly FieldError[] {
  for (const field of ['containers', 'initContainers']) {
    if (listAt(object, 'spec', field).length === listAt(old, 'spec', field).length) continue;
    const what = field === 'containers' ? 'containers' : 'init containers';
    return [forbidden(`spec.${field}`, `pod updates may not add or remove ${what}`)];
  }
  const deadline = numberAt(object, 'spec', 'activeDeadlineSeconds');
  const deadlineBefore = numberAt(old, 'spec', 'activeDeadlineSeconds');
  const field = 'spec.activeDeadlineSeconds';
  if (deadline !== undefined && deadlineBefore !== undefined && deadline > deadlineBefore) {
    return [invalid(field, deadline, 'must be less than or equal to previous value')];
  }
  const errors: FieldError[] = [];
  if (deadline === undefined && deadlineBefore !== undefined) {
    errors.push(invalid(field, null, 'must not update from a positive integer to nil value'));
  }
  if (!keepsTolerations(object, old)) {
    errors.push(forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'));
  }
  const before = objectAt(old, 'spec');
  const fixed = withoutWhatMayChange(object, old);
  if (!sameJson(fixed, before)) errors.push(forbidden('spec', `${podRule}\n${podSpecDifference(before, fixed)}`));
  return errors;
}

function keepsTolerations(pod: KubeObject, old: KubeObject): boolean {
  const inText = (toleration: Json): string => {
    const { key = '', operator = '', value = '', effect = '' } = toleration as JsonObject;
    return JSON.stringify([key, operator === 'Equal' ? '' : operator, value, effect]);
  };
  const present = new Set(listAt(pod, 'spec', 'tolerations').map(inText));
  return listAt(old, 'spec', 'tolerations').every((toleration) => present.has(inText(toleration)));
}

/** The new spec with the old value wherever an update may have changed it. */
function withoutWhatMayChange(pod: KubeObject, old: KubeObject): JsonObject {
  const before = objectAt(old, 'spec');
  const spec = objectAt(pod, 'spec');
  const { activeDeadlineSeconds, tolerations, schedulingGates } = before;
  const withOldImages = (field: string): readonly Json[] =>
    listAt(spec, field).map((item, index) => ({
      ...(item as JsonObject),
      image: textAt(listAt(before, field)[index], 'image'),
    }));
  return {
    ...spec,
    activeDeadlineSeconds,
    tolerations,
    schedulingGates,
    containers: withOldImages('containers'),
    ...(spec['initContainers'] === undefined ? {} : { initContainers: withOldImages('initContainers') }),
    // The scheduler's binding sets the node once.
    ...(textAt(before, 'nodeName') === undefined ? { nodeName: undefined } : {}),
  };
}
