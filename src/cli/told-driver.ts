import type { LiveDriver } from '../drivers/real/live-driver.ts';
import { groupResourceOf } from '../model/kube.ts';
import { type ApiRequest, commandLine, type Outcome } from '../model/request.ts';
import type { CommandContext } from './context.ts';

/** The same driver, telling each request and what became of it on stderr: `--verbose`. Bodies are never shown. */
export function toldDriver(
  driver: LiveDriver,
  { stderr, clock }: Pick<CommandContext, 'stderr' | 'clock'>,
): LiveDriver {
  return {
    ...driver,
    perform: async (request) => {
      const startedAt = clock.now();
      const outcome = await driver.perform(request);
      stderr.write(`${requestText(request)}: ${outcomeText(outcome)} (${clock.now() - startedAt} ms)\n`);
      return outcome;
    },
  };
}

function requestText(request: ApiRequest): string {
  if (request.api === 'linstor') return `LINSTOR ${request.method} ${request.path}`;
  if (request.api === 'exec') return `${request.site} exec ${request.namespace}/${request.pod} ${commandLine(request)}`;
  const { site, verb, resource, namespace, name, subresource } = request;
  const place = [namespace, name, subresource].filter((part) => part !== undefined).join('/');
  return `${site} ${verb} ${groupResourceOf(resource)}${place === '' ? '' : ` ${place}`}`;
}

function outcomeText(outcome: Outcome): string {
  if (outcome.kind === 'applied') return `${outcome.status}`;
  return outcome.kind === 'refused'
    ? `${outcome.status} ${outcome.reason}: ${outcome.message}`
    : `${outcome.reason}: ${outcome.message}`;
}
