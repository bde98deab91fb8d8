import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import {
  installSiteObjects,
  type Requests,
  type SiteObjectSettings,
} from '../../../../src/drivers/sim/site-objects.ts';
import type { SiteTopology } from '../../../../src/drivers/sim/site-topology.ts';
import type { JsonObject } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import type { WebhookConfiguration } from './webhooks.ts';

export interface InstallationSettings extends SiteObjectSettings {
  readonly webhooks: readonly WebhookConfiguration[];
}

const definitions = join(import.meta.dirname, '../../../../crds/protection-group-crd.yaml');

/** An API server serves a type some time after it was told of it. */
const longestWaitMs = 30_000;
const pauseMs = 50;

/** Installs on a cluster what must be there before anybody acts: nodes, KubeVirt with its webhooks, storage classes, the product's types. */
export function installSite(api: Requests, site: SiteTopology, settings: InstallationSettings): void {
  const patient = patiently(api);
  installSiteObjects(patient, site, settings);
  for (const document of parseAllDocuments(readFileSync(definitions, 'utf8'))) {
    const body = document.toJS() as JsonObject;
    mustSucceed(patient.requestFromInside({ verb: 'create', resource: resources.customResourceDefinition, body }));
  }
  if (site.role === 'quorum') return;
  for (const { type, body } of settings.webhooks) {
    mustSucceed(patient.requestFromInside({ verb: 'create', resource: type, body }));
  }
}

/** Asks again while the server does not know the path. */
function patiently(api: Requests): Requests {
  return {
    requestFromInside(request) {
      const end = Date.now() + longestWaitMs;
      for (;;) {
        const answer = api.requestFromInside(request);
        if (answer.status !== 404 || Date.now() > end) return answer;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
      }
    },
  };
}

function mustSucceed({ status, body }: ReturnType<Requests['requestFromInside']>): void {
  if (status >= 300) throw new Error(`The API server answered ${status}: ${JSON.stringify(body)}`);
}
