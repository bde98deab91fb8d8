import { execOutcome } from '../../../model/exec-result.ts';
import { textAt } from '../../../model/json.ts';
import { type KubeObject, resources } from '../../../model/kube.ts';
import { outcomeOfKubeAnswer } from '../../../model/kube-outcome.ts';
import type { ExecRequest, Outcome } from '../../../model/request.ts';
import { satelliteContainer } from '../../../model/satellite.ts';
import { type ApiError, badRequest, failure, notFound } from '../api-server/status-errors.ts';
import type { PodRuntime } from '../behaviours/node/pod-runtime.ts';
import type { DrbdKernel } from '../drbd/kernel.ts';
import type { ExecEndpoint, World } from '../world.ts';
import { hasContainer } from './agent-pods.ts';
import { runProgram } from './shell.ts';

/**
 * Runs commands in the containers of the world's pods: the satellites have the DRBD tools, the other containers have no
 * program at all. What Kubernetes says when it does not run one: `pkg/registry/core/pod/strategy.go` and
 * `pkg/kubelet/server/server.go` of kubernetes/kubernetes.
 */
export class SatelliteContainers implements ExecEndpoint {
  readonly #world: World;
  readonly #kernel: DrbdKernel;
  readonly #pods: PodRuntime;
  readonly #frozen = new Set<string>();
  readonly #listeners: ((node: string) => void)[] = [];

  constructor(world: World, kernel: DrbdKernel, pods: PodRuntime) {
    this.#world = world;
    this.#kernel = kernel;
    this.#pods = pods;
  }

  /** The satellite of a node stands still with everything in its container, until `thaw`. */
  freeze(node: string): void {
    this.#frozen.add(node);
    this.#tell(node);
  }

  thaw(node: string): void {
    this.#frozen.delete(node);
    this.#tell(node);
  }

  isFrozen(node: string): boolean {
    return this.#frozen.has(node);
  }

  /** Tells of every node whose satellite stands still from now on, or goes on. */
  onFreeze(listener: (node: string) => void): void {
    this.#listeners.push(listener);
  }

  #tell(node: string): void {
    for (const listener of this.#listeners) listener(node);
  }

  perform(request: ExecRequest): Outcome | { readonly kind: 'hang' } {
    const { site, namespace, pod: name, container, command } = request;
    const pod = this.#world.cluster(site).api.get(resources.pod, namespace, name);
    if (pod === undefined) return refused(request, notFound({ group: '', plural: 'pods' }, name));
    if (!hasContainer(pod, container)) {
      return refused(request, badRequest(`container ${container} is not valid for pod ${name}`));
    }
    const node = textAt(pod, 'spec', 'nodeName');
    if (node === undefined) return refused(request, badRequest(`pod ${name} does not have a host assigned`));
    if (!this.#world.nodeIsUp(node)) return { kind: 'hang' };
    if (!this.#runs(pod)) return refused(request, noContainer(container));
    const hasTools = container === satelliteContainer;
    if (hasTools && this.#frozen.has(node)) return { kind: 'hang' };
    const host = { kernel: this.#kernel, node, now: this.#world.now };
    const result = hasTools ? runProgram(host, command) : undefined;
    return result === undefined ? refused(request, noProgram(command[0] ?? '')) : execOutcome(result);
  }

  #runs({ metadata: { uid = '' } }: KubeObject): boolean {
    return this.#pods.of(uid)?.stage === 'running';
  }
}

function refused({ site }: ExecRequest, { answer: { status, body }, message }: ApiError): Outcome {
  return outcomeOfKubeAnswer({ status, body, message }, site);
}

/** The kubelet has no such container: it does not run. */
function noContainer(container: string): ApiError {
  return failure({ code: 500, reason: 'InternalError', message: `container not found ("${container}")` });
}

/** The runtime could not begin the command. */
function noProgram(program: string): ApiError {
  const why = `unable to start container process: exec: "${program}": executable file not found in $PATH`;
  const message = `Internal error occurred: error executing command in container: exec failed: ${why}`;
  return failure({ code: 500, reason: 'InternalError', message });
}
