import type { JsonObject } from '../../../model/json.ts';
import type { Answer } from '../behaviour.ts';

// How virt-api's aggregated API says no: `k8s.io/apimachinery/pkg/api/errors`, with the names that it gives to its resources.

export function notFound(kind: 'virtualmachine' | 'virtualmachineinstance', name: string): Answer {
  return failure(404, 'NotFound', `${kind}.kubevirt.io "${name}" not found`);
}

export function badRequest(message: string): Answer {
  return failure(400, 'BadRequest', message);
}

export function conflict(vm: string, why: string): Answer {
  return failure(409, 'Conflict', `Operation cannot be fulfilled on virtualmachine.kubevirt.io "${vm}": ${why}`);
}

export function internalError(message: string): Answer {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

function failure(code: number, reason: string, message: string, details?: JsonObject): Answer {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  };
  return { status: code, body };
}
