import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runTape } from '../../../src/drills/run.ts';
import { tapeOfScenario } from '../../../src/drills/scenario.ts';
import { parseScenario } from '../../../src/drills/scenario-file.ts';
import { piraeus } from '../../../src/drivers/real/linstor-discovery.ts';
import type { ApiRequest } from '../../../src/model/request.ts';
import { permissionsOf } from '../../deploy/scenario-requests.ts';
import { definitions } from '../../drills/definitions.ts';

/** What an account asks a cluster for. */
export interface Asking {
  readonly account: string;
  /** `patch protectiongroups.siterecovery.trilio.io/status`. */
  readonly permission: string;
  readonly namespace: string;
  /** Of the one object that is meant. */
  readonly name: string;
}

const root = join(import.meta.dirname, '../../../scenarios');

/** Plays every scenario file, and answers what the accounts of the product ask for in them, each once: names of volumes and the like aside. */
export function requestsOfScenarios(): { readonly scenarios: number; readonly askings: readonly Asking[] } {
  const askings = new Map<string, Asking>();
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  for (const file of files) {
    const parsed = parseScenario(parse(readFileSync(join(root, file), 'utf8')));
    if (parsed.kind === 'problems') throw new Error(`${file}: ${parsed.problems.join('; ')}`);
    runTape(tapeOfScenario(parsed.scenario), definitions, undefined, undefined, ({ twin }) => {
      twin.hosts.onExchange(({ hostId, requests }) => {
        for (const request of requests) {
          const account = accountOf(hostId, request);
          for (const permission of permissionsOf(request)) {
            const asking = { account, permission, ...objectOf(request) };
            askings.set(JSON.stringify(asking), asking);
          }
        }
      });
      return () => false;
    });
  }
  return { scenarios: files.length, askings: [...askings.values()] };
}

/** A controller has its own account at home, and that of a peer elsewhere; where LINSTOR is, it has the rights of either. */
function accountOf(hostId: string, request: ApiRequest): string {
  const [kind = '', home = ''] = hostId.split('/');
  if (kind === 'pgctl') return 'operator';
  return 'site' in request && request.site !== home ? 'site-recovery-peer' : kind;
}

function objectOf(request: ApiRequest): Pick<Asking, 'namespace' | 'name'> {
  if (request.api === 'linstor') {
    return { namespace: piraeus.namespace, name: `${piraeus.controllerService}:${piraeus.controllerPort}` };
  }
  if (request.api === 'exec') return { namespace: piraeus.namespace, name: '' };
  // Groups, operations and VMs have names of people's choice: no right is bound to them.
  return { namespace: request.namespace ?? '', name: '' };
}
