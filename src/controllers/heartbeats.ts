import { heartbeatInterval, heartbeatRequest } from '../model/heartbeat.ts';
import type { ControllerPorts } from './controller.ts';

/**
 * Tells the quorum cluster that this site is alive, until the signal. A heartbeat that does not arrive is not sent again: the
 * next one tells as much. Without a quorum cluster, or on it, there is nobody to tell.
 */
export async function sendHeartbeats(
  { settings, driver, clock, log, metrics }: ControllerPorts,
  signal: AbortSignal,
): Promise<void> {
  const quorum = settings.sites.find(({ role }) => role === 'quorum')?.name;
  if (quorum === undefined || quorum === settings.cluster) return;
  metrics.expectHeartbeats(settings.cluster);
  let isHeard = true;
  while (!signal.aborted) {
    const sentAt = clock.now();
    const outcome = await driver.perform(heartbeatRequest(settings.cluster, quorum, sentAt));
    const wasHeard = outcome.kind === 'applied';
    if (wasHeard) metrics.noteHeartbeat(settings.cluster, sentAt);
    // Told of once, not every ten seconds.
    if (wasHeard && !isHeard) log.info('heartbeat_heard', { cluster: settings.cluster, by: quorum });
    if (!wasHeard && isHeard)
      log.warn('heartbeat_not_heard', { cluster: settings.cluster, by: quorum, message: outcome.message });
    isHeard = wasHeard;
    await clock.sleepUntil(sentAt + heartbeatInterval, signal);
  }
}
