import { openLiveDriver } from '../drivers/real/live-driver.ts';
import type { Environment } from '../drivers/real/exec-plugin.ts';
import { type Millis, second } from '../model/instant.ts';
import { groupControllerName } from '../runtime/group-schedule.ts';
import { failoverControllerName } from '../runtime/operation-schedule.ts';
import type { Clock, Log } from '../runtime/ports.ts';
import type { Controller, ControllerPorts } from './controller.ts';
import { countedDriver } from './counted-driver.ts';
import { EventRecorder } from './event-recorder.ts';
import { FailoverController } from './failover-controller.ts';
import { fencedDriver } from './fenced-driver.ts';
import { GroupController } from './group-controller.ts';
import { openHealthServer } from './health-server.ts';
import { LeaderElection } from './leader-election.ts';
import { ControllerMetrics } from './metrics.ts';
import type { ControllerSettings } from './settings.ts';

/** The controllers by the name of their command, Deployment and Lease. */
export const controllers: Readonly<Record<string, (ports: ControllerPorts) => Controller>> = {
  [groupControllerName]: (ports) => new GroupController(ports),
  [failoverControllerName]: (ports) => new FailoverController(ports),
};

/** How long what is under way may take to end in good order: less than the grace period of a pod, which is 30 s. */
const drainTime: Millis = 20 * second;

export interface ControllerSurroundings {
  readonly environment: Environment;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Aborts when the process is asked to end. */
  readonly ending: AbortSignal;
}

/** Runs a controller until it is asked to end. Resolves when nothing of it is under way any more. */
export async function runController(
  name: string,
  open: (ports: ControllerPorts) => Controller,
  settings: ControllerSettings,
  { environment, clock, random, log, ending }: ControllerSurroundings,
): Promise<void> {
  const { cluster, sites, linstor, namespace, identity } = settings;
  const metrics = new ControllerMetrics();
  const onCall = metrics.noteCall.bind(metrics);
  const driver = countedDriver(openLiveDriver({ sites, linstor, environment }), onCall);
  const election = new LeaderElection({ site: cluster, namespace, name, identity, driver, clock, random, log });
  const fenced = fencedDriver(driver, () => election.mayAct);
  const events = new EventRecorder({ site: cluster, component: name, instance: identity, driver: fenced, clock, log });
  const controller = open({ settings, driver: fenced, clock, random, log, metrics, events });
  metrics.observe({
    isLeader: () => election.mayAct,
    queueDepth: () => controller.queueDepth,
    groups: () => controller.groups,
    operations: () => controller.operations,
  });
  let isFollowing = false;
  const health = await openHealthServer(settings.listen, {
    trouble: () => (isFollowing ? controller.trouble : [`${cluster} is being read for the first time`]),
    metrics: () => metrics.page(),
  });
  log.info('controller_started', { controller: name, cluster, health: health.url });
  const ended = new AbortController();
  void aborted(ending)
    .then(() => clock.sleepUntil(clock.now() + drainTime, ended.signal))
    // Calls that servers have not answered by then end, and with them what waits for them.
    .then(() => driver.close());
  try {
    await Promise.race([controller.follow(), aborted(ending)]);
    isFollowing = true;
    await election.run((signal) => controller.work(signal), ending);
  } finally {
    ended.abort();
    await controller.close();
    await driver.close();
    await health.close();
    log.info('controller_ended', { controller: name, cluster });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
