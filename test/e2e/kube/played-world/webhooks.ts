import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Admission, AdmissionReview, Denial } from '../../../../src/drivers/sim/api-server/admission.ts';
import { virtualMachineValidator } from '../../../../src/drivers/sim/kubevirt-admission/run-strategy-rules.ts';
import { virtualMachineDefaults } from '../../../../src/drivers/sim/kubevirt-admission/vm-defaults.ts';
import { instanceDefaults, instanceUpdateRules } from '../../../../src/drivers/sim/kubevirt-admission/vmi-rules.ts';
import { Randomness } from '../../../../src/drivers/sim/random.ts';
import type { Certificate } from '../../../../src/lab/certificates.ts';
import { type Json, type JsonObject, textAt } from '../../../../src/model/json.ts';
import { type KubeObject, type ResourceType, resources } from '../../../../src/model/kube.ts';

/** The world's KubeVirt webhooks: each serves the path of its name. */
const plugins: readonly Admission[] = [
  virtualMachineDefaults(new Randomness(1).stream('webhooks')),
  instanceDefaults(() => Date.now()),
  virtualMachineValidator,
  instanceUpdateRules,
];

/** The webhooks answer reviews of admission.k8s.io/v1 over HTTPS. Resolves with their port on loopback. */
export function openWebhooks({ certificate, privateKey }: Certificate): Promise<number> {
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    const plugin = plugins.find(({ name }) => request.url?.split('?')[0] === `/${name}`);
    void answer(request, response, plugin);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  plugin: Admission | undefined,
): Promise<void> {
  const review = (await json(request)) as { readonly request: ReviewRequest };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answerTo(review.request, plugin)));
}

/** What tells an API server to ask them. */
export function webhookConfigurations(port: number, authority: string): readonly WebhookConfiguration[] {
  const webhook = ({ name, resources: covered, operations }: Admission): JsonObject => ({
    name,
    clientConfig: { url: `https://127.0.0.1:${port}/${name}`, caBundle: btoa(authority) },
    rules: covered.map(({ group, plural }) => ({
      apiGroups: [group],
      apiVersions: ['*'],
      operations: operations ?? ['CREATE', 'UPDATE'],
      resources: [plural],
    })),
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Fail',
  });
  return (['Mutating', 'Validating'] as const).map((manner) => {
    const kind = `${manner}WebhookConfiguration`;
    const isMutating = manner === 'Mutating';
    return {
      type: { ...registration, kind, plural: `${kind.toLowerCase()}s` },
      body: {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind,
        metadata: { name: 'virt-api' },
        webhooks: plugins.filter(({ mutate }) => (mutate !== undefined) === isMutating).map(webhook),
      },
    };
  });
}

const registration = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false };

export interface WebhookConfiguration {
  readonly type: ResourceType;
  readonly body: JsonObject;
}

/** The parts of `AdmissionRequest` of k8s.io/api/admission/v1 that the plugins look at. */
interface ReviewRequest {
  readonly uid: string;
  readonly operation: AdmissionReview['operation'];
  readonly resource: { readonly resource: string };
  readonly subResource?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly object?: KubeObject | null;
  readonly oldObject?: KubeObject | null;
  readonly userInfo: { readonly username: string; readonly groups?: readonly string[] };
  readonly dryRun?: boolean;
}

function answerTo(request: ReviewRequest, plugin: Admission | undefined): JsonObject {
  const warnings: string[] = [];
  const denialOrObject = plugin === undefined ? unknownWebhook : judged(reviewOf(request, warnings), plugin);
  const { uid } = request;
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, ...(warnings.length === 0 ? {} : { warnings }), ...verdictOf(denialOrObject) },
  };
}

const unknownWebhook: Denial = { message: 'there is no such webhook' };

function reviewOf(request: ReviewRequest, warnings: string[]): AdmissionReview {
  const { operation, subResource = '', namespace = '', name = '', object, oldObject, userInfo } = request;
  const isVm = request.resource.resource === resources.virtualMachine.plural;
  return {
    operation,
    resource: isVm ? resources.virtualMachine : resources.virtualMachineInstance,
    subresource: subResource,
    namespace,
    name,
    ...(object ? { object } : {}),
    ...(oldObject ? { old: oldObject } : {}),
    user: { name: userInfo.username, groups: userInfo.groups ?? [] },
    dryRun: request.dryRun === true,
    warn: (text) => void warnings.push(text),
  };
}

/** The denial; or the object as it is to be stored; or nothing to say. */
function judged(review: AdmissionReview, plugin: Admission): Denial | KubeObject | undefined {
  const { object } = review;
  if (object === undefined || plugin.mutate === undefined) return plugin.validate?.(review);
  return plugin.refuse?.({ ...review, object }) ?? plugin.mutate({ ...review, object });
}

function verdictOf(verdict: Denial | KubeObject | undefined): JsonObject {
  if (verdict === undefined) return { allowed: true };
  if (!isObject(verdict)) {
    const { message, code = 400, reason = 'BadRequest', causes } = verdict;
    return {
      allowed: false,
      status: { message, code, reason, ...(causes === undefined ? {} : { details: { causes } }) },
    };
  }
  const patch = Object.entries(verdict).map(([field, value]) => ({
    op: 'add',
    path: `/${field}`,
    value: value as Json,
  }));
  return { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
}

function isObject(verdict: Denial | KubeObject): verdict is KubeObject {
  return textAt(verdict, 'kind') !== undefined;
}
