import type { WatchableDriver } from '../drivers/real/live-driver.ts';
import type { ApiRequest } from '../model/request.ts';

/**
 * The driver of a process that may change something only at times: what it wants to change at others is not sent, however far
 * it had come with deciding it. Reads always are.
 */
export function fencedDriver(driver: WatchableDriver, mayAct: () => boolean): WatchableDriver {
  return {
    ...driver,
    perform: async (request) => {
      if (isRead(request) || mayAct()) return driver.perform(request);
      return {
        kind: 'unknown',
        reason: 'unreachable',
        message: 'This process is not the leader any more. Nothing was sent',
      };
    },
  };
}

/** A command in a pod may change something, whatever it is called. */
function isRead(request: ApiRequest): boolean {
  if (request.api === 'linstor') return request.method === 'GET';
  return request.api === 'kube' && (request.verb === 'get' || request.verb === 'list');
}
