import type { HttpFailure, HttpResult, HttpStream } from '../drivers/real/http-call.ts';
import type { Transport } from '../drivers/real/kube-transport.ts';
import type { WatchableDriver } from '../drivers/real/live-driver.ts';
import type { ApiRequest, Outcome } from '../model/request.ts';

/** Told of each call: where to, what for, and the HTTP status or why there was none. */
export type OnCall = (site: string, verb: string, code: string) => void;

/** The same driver, telling of each of its calls, those that follow a site among them. */
export function countedDriver(driver: WatchableDriver, onCall: OnCall): WatchableDriver {
  return {
    ...driver,
    perform: async (request) => {
      const outcome = await driver.perform(request);
      onCall(request.api === 'linstor' ? 'linstor' : request.site, verbOf(request), codeOf(outcome));
      return outcome;
    },
    siteTransport: async (site) => countedTransport(await driver.siteTransport(site), site, onCall),
  };
}

/** Who follows a site lists and watches, and does nothing else. */
function countedTransport(transport: Transport, site: string, onCall: OnCall): Transport {
  return {
    ...transport,
    exchange: async (call, timeout, closing) => {
      const result = await transport.exchange(call, timeout, closing);
      onCall(site, 'list', statusOf(result));
      return result;
    },
    start: async (call, signal) => {
      const result = await transport.start(call, signal);
      onCall(site, 'watch', statusOf(result));
      return result;
    },
  };
}

function verbOf(request: ApiRequest): string {
  if (request.api === 'kube') return request.verb;
  return request.api === 'exec' ? 'exec' : request.method.toLowerCase();
}

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'unknown' ? outcome.reason : String(outcome.status);
}

function statusOf(result: HttpResult | HttpStream | HttpFailure): string {
  if (result.kind === 'failed') return result.cause;
  return String(result.kind === 'answered' ? result.status : result.response.statusCode);
}
