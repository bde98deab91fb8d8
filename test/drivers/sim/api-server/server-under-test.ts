import { parse } from 'yaml';
import type { Json, JsonObject } from '../../../../src/model/json.ts';
import { textAt } from '../../../../src/model/json.ts';
import type { ResourceType } from '../../../../src/model/kube.ts';
import { resources } from '../../../../src/model/kube.ts';
import type { ApiAnswer, User } from '../../../../src/drivers/sim/api-server/api-server.ts';
import { ApiServer } from '../../../../src/drivers/sim/api-server/api-server.ts';
import type { LocalRequest } from '../../../../src/drivers/sim/behaviour.ts';
import { Randomness } from '../../../../src/drivers/sim/random.ts';

export const admin: User = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** A fresh server whose clock can be turned. */
export function openServer(): { readonly server: ApiServer; readonly clock: { now: number } } {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const settings = {
    cluster: 'cluster1',
    kubernetesVersion: 'v1.36.3',
    wallNow: () => clock.now,
    random: new Randomness(1).stream('api'),
  };
  return { server: new ApiServer(settings), clock };
}

export function create(server: ApiServer, resource: ResourceType, yaml: string, options = {}): ApiAnswer {
  const body = parse(yaml) as JsonObject;
  const namespace = resource.namespaced ? { namespace: textAt(body, 'metadata', 'namespace') ?? 'default' } : {};
  return server.request({ verb: 'create', resource, ...namespace, body, options }, admin);
}

export function patch(
  server: ApiServer,
  resource: ResourceType,
  name: string,
  kind: NonNullable<LocalRequest['patch']>,
  body: Json,
  more: Partial<LocalRequest> = {},
): ApiAnswer {
  const namespace = resource.namespaced ? { namespace: 'default' } : {};
  return server.request({ verb: 'patch', patch: kind, resource, ...namespace, name, body, ...more }, admin);
}

export function remove(server: ApiServer, resource: ResourceType, name: string, options = {}): ApiAnswer {
  const namespace = resource.namespaced ? { namespace: 'default' } : {};
  return server.request({ verb: 'delete', resource, ...namespace, name, options }, admin);
}

/** What a refusal says. */
export function refusal(answer: ApiAnswer): {
  readonly status: number;
  readonly reason?: string;
  readonly message?: string;
} {
  const reason = textAt(answer.body, 'reason');
  const message = textAt(answer.body, 'message');
  return {
    status: answer.status,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

export const widget: ResourceType = {
  group: 'example.com',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};

export const widgetDefinition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: widgets, kind: Widget, shortNames: [wd] }
  versions:
  - name: v1
    served: true
    storage: true
    subresources: { status: {} }
    additionalPrinterColumns:
    - { name: Size, type: integer, jsonPath: .spec.size }
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            required: [size]
            x-kubernetes-validations:
            - rule: 'self.size <= self.limit'
              message: size may not exceed limit
            properties:
              size: { type: integer, minimum: 1 }
              limit: { type: integer, default: 10 }
              colour: { type: string, enum: [red, green], default: red }
              code: { type: string, pattern: '^[a-z]+$', maxLength: 5 }
              port: { x-kubernetes-int-or-string: true }
              owner: { type: string, x-kubernetes-validations: [{ rule: 'self == oldSelf', message: owner is immutable }] }
              free: { type: object, x-kubernetes-preserve-unknown-fields: true }
              parts:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items:
                  type: object
                  required: [name]
                  properties:
                    name: { type: string }
                    weight: { type: integer, default: 1 }
          status:
            type: object
            properties:
              phase: { type: string }
              seen: { type: integer }
`;

/** A server that also serves widgets, and one widget named w. */
export function openWidgetServer(): ReturnType<typeof openServer> {
  const opened = openServer();
  create(opened.server, resources.customResourceDefinition, widgetDefinition);
  create(opened.server, widget, 'metadata: { name: w }\nspec: { size: 3 }');
  return opened;
}
