import { at, numberAt, textAt, type JsonObject } from '../../../model/json.ts';
import type { KubeObject, ResourceType } from '../../../model/kube.ts';
import { resources } from '../../../model/kube.ts';
import type { Answer, LocalRequest } from '../behaviour.ts';
import type { ApiServer, SubresourceHandler } from '../api-server/api-server.ts';
import { stateChangeRequestsOf } from '../behaviours/kubevirt/state-change-requests.ts';
import {
  createdByLabel,
  isFinal,
  isLauncherPod,
  phaseOf,
  runStrategyOf,
  type RunStrategy,
} from '../behaviours/kubevirt/virtual-machine.ts';
import { badRequest, conflict, internalError, notFound } from './refusals.ts';
import { powerOptionsOf, type PowerOptions } from './power-options.ts';

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
  const options = powerOptionsOf(action, request.body);
  // A start looks at the VM before it reads its options.
  if (typeof options === 'string' && action !== 'start') return badRequest(options);
  const vm = api.get(resources.virtualMachine, namespace, name);
  if (vm === undefined) return notFound('virtualmachine', name);
  const vmi = api.get(resources.virtualMachineInstance, namespace, name);
  if (action === 'start' && vmi !== undefined && isUnderWay(vmi))
    return conflict(vm.metadata.name, 'VM is already running');
  if (typeof options === 'string') return badRequest(options);
  const context: PowerContext = { api, vm, vmi, strategy: runStrategyOf(vm) ?? 'Halted', options };
  switch (action) {
    case 'start':
      return start(context);
    case 'stop':
      return stop(context);
    case 'restart':
      return restart(context);
    case 'migrate':
      return vmi === undefined
        ? notFound('virtualmachineinstance', name)
        : conflict(vm.metadata.name, phaseOf(vmi) === 'Running' ? 'VMI migration is not simulated' : notRunning);
  }
}

interface PowerContext {
  readonly api: ApiServer;
  readonly vm: KubeObject;
  readonly vmi: KubeObject | undefined;
  readonly strategy: RunStrategy;
  readonly options: PowerOptions;
}

const notRunning = 'VM is not running';

function start(context: PowerContext): Answer {
  const { vm, vmi, strategy, options } = context;
  const request: JsonObject = options.paused ? { action: 'Start', data: { paused: 'true' } } : { action: 'Start' };
  switch (strategy) {
    case 'Halted':
      // The VM controller sets the power field when it has read the request.
      return options.paused ? ask(context, [request]) : setPower(context, true);
    case 'RerunOnFailure':
      if (vmi !== undefined && phaseOf(vmi) === 'Failed') {
        return conflict(vm.metadata.name, 'RerunOnFailure does not support starting VM from failed state');
      }
      return ask(context, vmi === undefined ? [request] : [stopOf(vmi), request]);
    case 'Manual':
      // One that ended by itself makes room first.
      return ask(context, vmi === undefined ? [request] : [stopOf(vmi), request]);
    case 'Always':
    case 'Once':
      return conflict(vm.metadata.name, `${strategy} does not support manual start requests`);
    case 'WaitAsReceiver':
      return accepted;
  }
}

function stop(context: PowerContext): Answer {
  const { vm, vmi, strategy, options } = context;
  const isRunning = vmi !== undefined && !isFinal(vmi);
  const present = numberAt(vmi, 'spec', 'terminationGracePeriodSeconds');
  if (isRunning && options.grace !== undefined) {
    const body = { spec: { terminationGracePeriodSeconds: options.grace } };
    const shortened = write(context, resources.virtualMachineInstance, body);
    if (shortened !== accepted) return shortened;
  }
  switch (strategy) {
    case 'Halted':
      if (!isRunning) return conflict(vm.metadata.name, notRunning);
      if (options.grace === undefined || (present !== undefined && options.grace >= present)) {
        return conflict(vm.metadata.name, 'Halted only supports manual stop requests with a shorter graceperiod');
      }
      return ask(context, [stopOf(vmi)]);
    case 'RerunOnFailure':
    case 'Manual':
      return isRunning ? ask(context, [stopOf(vmi)]) : conflict(vm.metadata.name, notRunning);
    case 'Always':
    case 'Once':
      return setPower(context, false);
    case 'WaitAsReceiver':
      return accepted;
  }
}

function restart(context: PowerContext): Answer {
  const { vm, vmi, strategy, options } = context;
  if (options.grace !== undefined && options.grace > 0) {
    return badRequest('For force restart, only gracePeriod=0 is supported for now');
  }
  if (options.grace !== undefined && options.grace < 0) {
    return badRequest('gracePeriod has to be greater or equal to 0');
  }
  if (strategy === 'Halted' || strategy === 'Once') {
    return conflict(vm.metadata.name, `RunStategy ${strategy} does not support manual restart requests`);
  }
  if (vmi === undefined) return conflict(vm.metadata.name, 'VM is not running: Halted');
  const asked = ask(context, [stopOf(vmi), { action: 'Start' }]);
  if (asked === accepted && options.grace === 0) deleteLauncher(context, vmi);
  return asked;
}

/** What a forced restart does besides: the launcher gets a second. */
function deleteLauncher({ api }: PowerContext, vmi: KubeObject): void {
  const namespace = vmi.metadata.namespace ?? '';
  const launcher = api
    .list(resources.pod, namespace)
    .find((pod) => isLauncherPod(pod) && pod.metadata.labels?.[createdByLabel] === vmi.metadata.uid);
  if (launcher === undefined) return;
  const { name } = launcher.metadata;
  api.request({ verb: 'delete', resource: resources.pod, namespace, name, options: { gracePeriodSeconds: 1 } });
}

// A start of a stopped VM, and a stop of one that always runs, is a change of its power field, whichever it has.
function setPower(context: PowerContext, on: boolean): Answer {
  const usesRunning = at(context.vm, 'spec', 'running') !== undefined;
  const spec: JsonObject = usesRunning ? { running: on } : { runStrategy: on ? 'Always' : 'Halted' };
  return write(context, resources.virtualMachine, { spec });
}

/** Leaves requests for the VM controller; only a stop may take the place of what waits there (`getChangeRequestJson`). */
function ask(context: PowerContext, requests: readonly JsonObject[]): Answer {
  const isStop = requests.length === 1 && requests[0]?.action === 'Stop';
  if (stateChangeRequestsOf(context.vm).length > 0 && !isStop) {
    return internalError('unable to complete request: stop/start already underway');
  }
  // A request by hand ends the waiting after failed starts.
  const body = { status: { stateChangeRequests: requests, startFailure: null } };
  return write(context, resources.virtualMachine, body, 'status');
}

function write(context: PowerContext, resource: ResourceType, body: JsonObject, subresource?: 'status'): Answer {
  const { api, vm, options } = context;
  const answer = api.request({
    verb: 'patch',
    patch: 'merge',
    resource,
    namespace: vm.metadata.namespace ?? '',
    name: vm.metadata.name,
    ...(subresource === undefined ? {} : { subresource }),
    body,
    ...(options.isDryRun ? { options: { dryRun: true } } : {}),
  });
  return answer.status < 300 ? accepted : internalError(textAt(answer.body, 'message') ?? '');
}

const accepted: Answer = { status: 202, body: '' };

function stopOf(vmi: KubeObject): JsonObject {
  return { action: 'Stop', uid: vmi.metadata.uid ?? '' };
}

function isUnderWay(vmi: KubeObject): boolean {
  const phase = phaseOf(vmi);
  return !isFinal(vmi) && phase !== '' && phase !== 'Unknown';
}
