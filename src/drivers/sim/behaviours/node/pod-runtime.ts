import type { Millis } from '../../../../model/instant.ts';

/** What a node really has of one pod. */
export interface Sandbox {
  readonly podUid: string;
  readonly cluster: string;
  readonly node: string;
  readonly namespace: string;
  readonly podName: string;
  /** DRBD resources that the pod holds open. */
  readonly disks: readonly string[];
  /** `mounting`: waiting for volumes · `creating`: containers are being made · `running` · `exited` */
  readonly stage: 'mounting' | 'creating' | 'running' | 'exited';
  /** World time at which the stage ends by itself, where it does. */
  readonly until?: Millis;
  /** World time at which the node learned that the pod is to stop. */
  readonly stoppingSince?: Millis;
  readonly exitCode?: number;
  /** World time at which the object of an ended pod that is to be deleted goes. */
  readonly reapAt?: Millis;
  /** Failed attempts to set up volumes in a row. */
  readonly mountFailures: number;
  /** Failed attempts to pull the image, and the world time of the next one. */
  readonly pull?: { readonly failures: number; readonly retryAt: Millis };
}

/** The sandboxes of every node of the world, by uid of the pod: what survives a restart of a kubelet, and not of its node. */
export class PodRuntime {
  #sandboxes = new Map<string, Sandbox>();
  /** Pods that fail their probes. */
  readonly #silent = new Set<string>();
  /** Clusters whose nodes get no image: their registry is out of reach, or lacks it. */
  readonly #withoutImages = new Set<string>();

  of(podUid: string): Sandbox | undefined {
    return this.#sandboxes.get(podUid);
  }

  /** The sandbox of a pod that the API server may have forgotten. */
  named(cluster: string, namespace: string, podName: string): Sandbox | undefined {
    for (const sandbox of this.#sandboxes.values()) {
      const isNamed = sandbox.podName === podName && sandbox.namespace === namespace;
      if (isNamed && sandbox.cluster === cluster) return sandbox;
    }
    return undefined;
  }

  onNode(node: string): readonly Sandbox[] {
    return [...this.#sandboxes.values()].filter((sandbox) => sandbox.node === node);
  }

  put(sandbox: Sandbox): Sandbox {
    this.#sandboxes.set(sandbox.podUid, sandbox);
    return sandbox;
  }

  remove(podUid: string): void {
    this.#sandboxes.delete(podUid);
    this.#silent.delete(podUid);
  }

  /** Whether the containers of a pod answer their readiness probes. They do unless told otherwise. */
  answers(podUid: string): boolean {
    return !this.#silent.has(podUid);
  }

  setAnswers(podUid: string, answers: boolean): void {
    if (answers) this.#silent.delete(podUid);
    else this.#silent.add(podUid);
  }

  /** Whether the nodes of a cluster get the images that they ask for. They do unless told otherwise. */
  getsImages(cluster: string): boolean {
    return !this.#withoutImages.has(cluster);
  }

  setImages(cluster: string, areThere: boolean): void {
    if (areThere) this.#withoutImages.delete(cluster);
    else this.#withoutImages.add(cluster);
  }

  /** The node lost its power. */
  losePower(node: string): void {
    for (const sandbox of this.onNode(node)) this.remove(sandbox.podUid);
  }
}
