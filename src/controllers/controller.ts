import type { WatchableDriver } from '../drivers/real/live-driver.ts';
import type { KubeObject } from '../model/kube.ts';
import type { Clock, Log } from '../runtime/ports.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { ControllerMetrics } from './metrics.ts';
import type { ControllerSettings } from './settings.ts';

/** What a controller works with. */
export interface ControllerPorts {
  readonly settings: ControllerSettings;
  readonly driver: WatchableDriver;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: ControllerMetrics;
  readonly events: EventRecorder;
}

/** What a controller's process runs. It follows its clusters from the start, and works while it is the leader. */
export interface Controller {
  /** Why it is not ready to work; empty when it is. */
  readonly trouble: readonly string[];
  /** How many objects are due and wait for their turn. */
  readonly queueDepth: number;
  /** The groups that it reconciles, as it last heard of them. */
  readonly groups: readonly KubeObject[];
  /** The operations that it drives or could drive, those of the past among them. */
  readonly operations: readonly KubeObject[];
  /** Begins to follow the clusters; resolves when it knows what there is, or why it does not. */
  follow(): Promise<void>;
  /** Works until the signal; resolves when what was under way has ended. */
  work(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
