import { at, textAt, type Json, type JsonObject } from '../../../model/json.ts';
import type { KubeObject, ResourceType } from '../../../model/kube.ts';
import { resources } from '../../../model/kube.ts';
import type { Answer, LocalRequest } from '../behaviour.ts';
import type { ApiServer, SubresourceHandler } from '../api-server/api-server.ts';

type Action = 'start' | 'stop' | 'restart' | 'migrate';

/** The aggregated API through which `virtctl` and people start and stop VMs. */
export const powerResource: ResourceType = {
  group: 'subresources.kubevirt.io',
  version: 'v1',
  plural: 'virtualmachines',
  kind: 'VirtualMachine',
  namespaced: true,
};

/** PUT `…/virtualmachines/{name}/start|stop|restart|migrate`: `pkg/virt-api/rest/lifecycle.go` of kubevirt/kubevirt. */
export function powerSubresources(api: ApiServer): readonly SubresourceHandler[] {
  return (['start', 'stop', 'restart', 'migrate'] as const).map((action) => ({
    resource: powerResource,
    subresource: action,
    verbs: ['update'],
    handle: (request) => handle(api, action, request),
  }));
}

function handle(api: ApiServer, action: Action, request: LocalRequest): Answer {
  const namespace = request.namespace ?? '';
  const name = request.name ?? '';
  const badOption = badOptionOf(action, request.body);
  if (badOption !== undefined) return failure(400, 'BadRequest', badOption);
  const vmi = api.get(resources.virtualMachineInstance, namespace, name);
  const vm = api.get(resources.virtualMachine, namespace, name);
  if (vm === undefined) return failure(404, 'NotFound', `virtualmachine.kubevirt.io "${name}" not found`);
  const context: PowerContext = { api, vm, vmi, strategy: strategyOf(vm), body: request.body };
  switch (action) {
    case 'start':
      return start(context);
    case 'stop':
      return stop(context);
    case 'restart':
      return restart(context);
    case 'migrate':
      return vmi === undefined
        ? failure(404, 'NotFound', `virtualmachineinstance.kubevirt.io "${name}" not found`)
        : conflict(vm, 'VMI migration is not simulated');
  }
}

interface PowerContext {
  readonly api: ApiServer;
  readonly vm: KubeObject;
  readonly vmi: KubeObject | undefined;
  readonly strategy: string;
  readonly body: Json | undefined;
}

function start(context: PowerContext): Answer {
  const { vm, vmi, strategy } = context;
  if (vmi !== undefined && !isFinal(vmi)) return conflict(vm, 'VM is already running');
  switch (strategy) {
    case 'Halted':
      return setPower(context, true);
    case 'Manual':
      return ask(context, vmi === undefined ? [{ action: 'Start' }] : [stopOf(vmi), { action: 'Start' }]);
    case 'RerunOnFailure':
      if (vmi !== undefined && textAt(vmi, 'status', 'phase') === 'Failed') {
        return conflict(vm, 'RerunOnFailure does not support starting VM from failed state');
      }
      return ask(context, vmi === undefined ? [{ action: 'Start' }] : [stopOf(vmi), { action: 'Start' }]);
    default:
      return conflict(vm, `${strategy} does not support manual start requests`);
  }
}

function stop(context: PowerContext): Answer {
  const { vm, vmi, strategy, body } = context;
  if (vmi === undefined || isFinal(vmi)) {
    if (!(strategy === 'Manual' && vmi !== undefined)) return conflict(vm, 'VM is not running');
  }
  switch (strategy) {
    case 'Halted': {
      const grace = at(body, 'gracePeriod');
      const present = at(vmi, 'spec', 'terminationGracePeriodSeconds');
      const isShorter = typeof grace === 'number' && grace < (typeof present === 'number' ? present : 30);
      if (!isShorter) return conflict(vm, 'Halted only supports manual stop requests with a shorter graceperiod');
      return accepted;
    }
    case 'Manual':
    case 'RerunOnFailure':
      if (isAlreadyAsked(vm, vmi)) return replaceRequests(context, [stopOf(vmi)]);
      return ask(context, [stopOf(vmi)]);
    default: {
      const stopped = setPower(context, false);
      const isDropped = stopped.status < 300 && at(vm, 'status', 'stateChangeRequests') !== undefined;
      return isDropped ? replaceRequests(context, null) : stopped;
    }
  }
}

function restart(context: PowerContext): Answer {
  const { vm, vmi, strategy } = context;
  if (strategy === 'Halted' || strategy === 'Once') {
    return conflict(vm, `RunStategy ${strategy} does not support manual restart requests`);
  }
  if (vmi === undefined || isFinal(vmi)) return conflict(vm, 'VM is not running: Halted');
  return ask(context, [stopOf(vmi), { action: 'Start' }]);
}

// A start of a stopped VM, and a stop of one that always runs, is a change of its power field, whichever it has.
function setPower({ api, vm, body }: PowerContext, on: boolean): Answer {
  const usesRunning = at(vm, 'spec', 'running') !== undefined;
  const spec: JsonObject = usesRunning ? { running: on } : { runStrategy: on ? 'Always' : 'Halted' };
  return write(api, vm, body, { spec });
}

function ask(context: PowerContext, requests: readonly JsonObject[]): Answer {
  const { api, vm, body } = context;
  const pending = at(vm, 'status', 'stateChangeRequests');
  if (Array.isArray(pending) && pending.length > 0) {
    const message = 'unable to complete request: stop/start already underway';
    return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
  }
  return write(api, vm, body, { status: { stateChangeRequests: requests } }, 'status');
}

/** A stop takes the place of what was asked before: a restart does not start again. */
function replaceRequests({ api, vm, body }: PowerContext, requests: readonly JsonObject[] | null): Answer {
  return write(api, vm, body, { status: { stateChangeRequests: requests } }, 'status');
}

function write(
  api: ApiServer,
  vm: KubeObject,
  options: Json | undefined,
  body: JsonObject,
  subresource?: 'status',
): Answer {
  const dryRun = at(options, 'dryRun', 0) === 'All';
  const answer = api.request({
    verb: 'patch',
    patch: 'merge',
    resource: resources.virtualMachine,
    namespace: vm.metadata.namespace ?? '',
    name: vm.metadata.name,
    ...(subresource === undefined ? {} : { subresource }),
    body,
    ...(dryRun ? { options: { dryRun } } : {}),
  });
  return answer.status < 300 ? accepted : answer;
}

const accepted: Answer = { status: 202, body: '' };

function stopOf(vmi: KubeObject | undefined): JsonObject {
  return { action: 'Stop', uid: vmi?.metadata.uid ?? '' };
}

function isAlreadyAsked(vm: KubeObject, vmi: KubeObject | undefined): boolean {
  const next = at(vm, 'status', 'stateChangeRequests', 0);
  return textAt(next, 'action') === 'Stop' && textAt(next, 'uid') === vmi?.metadata.uid;
}

function strategyOf(vm: KubeObject): string {
  const running = at(vm, 'spec', 'running');
  if (typeof running === 'boolean') return running ? 'Always' : 'Halted';
  return textAt(vm, 'spec', 'runStrategy') ?? 'Halted';
}

function isFinal(vmi: KubeObject): boolean {
  const phase = textAt(vmi, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

function badOptionOf(action: Action, body: Json | undefined): string | undefined {
  const paused = at(body, 'paused');
  if (action !== 'start' || paused === undefined || typeof paused === 'boolean') return undefined;
  const type = `json: cannot unmarshal ${typeof paused} into Go struct field StartOptions.paused of type bool`;
  return `Can not unmarshal Request body to struct, error: ${type}`;
}

function conflict(vm: KubeObject, why: string): Answer {
  const name = vm.metadata.name;
  return failure(409, 'Conflict', `Operation cannot be fulfilled on virtualmachine.kubevirt.io "${name}": ${why}`);
}

function failure(code: number, reason: string, message: string, details?: JsonObject): Answer {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  };
  return { status: code, body };
}
