import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an account of namespace default has asked a server, by the server's own book. */
export interface AuditedRequest {
  /** Name of the account. */
  readonly account: string;
  /** `patch protectiongroups.siterecovery.trilio.io/status`; an empty text for what is about no resource. */
  readonly permission: string;
  /** HTTP status of the answer. */
  readonly code: number;
  /** Why it was allowed or not, or what was said to the client. */
  readonly reason: string;
}

const accounts = 'system:serviceaccount:default:';

const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    userGroups: ["system:serviceaccounts:default"]
  - level: None
`;

/** Writes what is to be kept of requests; answers the flags that make an API server keep it, in a file of the folder. */
export function auditFlags(folder: string): readonly string[] {
  const policyFile = join(folder, 'audit-policy.yaml');
  writeFileSync(policyFile, policy);
  return [`--audit-policy-file=${policyFile}`, `--audit-log-path=${join(folder, 'audit.log')}`];
}

/** Everything that was asked so far, watches that have begun among it. */
export function auditedRequests(folder: string): readonly AuditedRequest[] {
  const lines = readFileSync(join(folder, 'audit.log'), 'utf8').split('\n');
  // The last line may be half written.
  return lines.slice(0, -1).flatMap((line) => {
    const event = JSON.parse(line) as AuditEvent;
    if (!event.user.username.startsWith(accounts)) return [];
    const { code = 0, message } = event.responseStatus ?? {};
    const reason = message ?? event.annotations?.['authorization.k8s.io/reason'] ?? '';
    return [{ account: event.user.username.slice(accounts.length), permission: permissionOf(event), code, reason }];
  });
}

/** The parts of `Event` of k8s.io/apiserver/pkg/apis/audit/v1 that are looked at. */
interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource?: string; readonly apiGroup?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

function permissionOf({ verb, objectRef = {} }: AuditEvent): string {
  const { resource, apiGroup, subresource } = objectRef;
  if (resource === undefined) return '';
  const type = apiGroup === undefined ? resource : `${resource}.${apiGroup}`;
  return `${verb} ${type}${subresource === undefined ? '' : `/${subresource}`}`;
}
