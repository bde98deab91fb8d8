import type { Evidence } from '../model/evidence.ts';
import { type Consent, consentKinds } from '../model/consent.ts';
import type { FailoverRequest } from '../model/failover.ts';
import { at, isJsonObject, type Json, type JsonObject, listAt, textAt } from '../model/json.ts';
import { CommandError } from './command-error.ts';

const formKind = 'FailoverConsent';

/** Whose consent a form asks for: the operation, and the evidence that was shown. */
export type ConsentScope = Pick<FailoverRequest, 'group' | 'namespace' | 'target'>;

/** The form that a person fills in: `accepted` with the group's name for each statement, and `givenBy`. */
export function consentForm({ group, namespace, target }: ConsentScope, { needs, digest }: Evidence): JsonObject {
  return {
    kind: formKind,
    protectionGroup: group,
    namespace,
    targetCluster: target,
    evidence: digest,
    consents: needs.map(({ kind, statement }) => ({ kind, statement, accepted: '' })),
    givenBy: '',
  };
}

const fields: ReadonlySet<string> = new Set([
  'kind',
  'protectionGroup',
  'namespace',
  'targetCluster',
  'evidence',
  'consents',
  'givenBy',
]);

/**
 * The consents of a form that was filled in for this very evidence. Throws an error that names what is wrong with it; what is
 * not accepted in it is not in the answer.
 */
export function consentsOfForm(
  form: Json,
  file: string,
  scope: ConsentScope,
  { digest }: Evidence,
  givenAt: string,
): readonly Consent[] {
  const wrong = (reason: string, remedy: string): CommandError =>
    new CommandError(`${file} is no consent to this failover`, { reason, remedy, exit: 'usage' });
  const renew = `Write a new one: pgctl failover ${scope.group} --unplanned --dry-run -o yaml`;
  if (!isJsonObject(form) || textAt(form, 'kind') !== formKind) throw wrong(`its kind is not ${formKind}`, renew);
  const foreign = Object.keys(form).find((field) => !fields.has(field));
  if (foreign !== undefined) throw wrong(`it has a field "${foreign}" that means nothing here`, renew);
  const asked = { protectionGroup: scope.group, namespace: scope.namespace, targetCluster: scope.target };
  for (const [field, value] of Object.entries(asked)) {
    const given = at(form, field);
    if (given !== value) throw wrong(`its ${field} is ${JSON.stringify(given ?? null)}, not "${value}"`, renew);
  }
  if (textAt(form, 'evidence') !== digest)
    throw wrong('what it was given for has changed since: the evidence is another one now', renew);
  const givenBy = textAt(form, 'givenBy')?.trim() ?? '';
  if (givenBy === '') throw wrong('givenBy is empty', 'Write down who accepts it');
  return listAt(form, 'consents').flatMap((entry) => {
    const kind = consentKinds.find((each) => each === textAt(entry, 'kind'));
    const statement = textAt(entry, 'statement');
    if (kind === undefined || statement === undefined)
      throw wrong(`a consent has no known kind or no statement: ${JSON.stringify(entry)}`, renew);
    const accepted = textAt(entry, 'accepted') ?? '';
    if (accepted === '') return [];
    if (accepted !== scope.group)
      throw wrong(`accepted of ${kind} is "${accepted}"`, `Type the name of the group to accept: ${scope.group}`);
    return [{ kind, statement, evidence: digest, givenBy, givenAt }];
  });
}
