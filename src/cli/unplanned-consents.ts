import { type Consent, type ConsentKind, consentKinds } from '../model/consent.ts';
import type { FailoverRequest } from '../model/failover.ts';
import { timestamp } from '../model/instant.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { missingConsents } from '../model/unplanned-checks.ts';
import { CommandError } from './command-error.ts';
import { consentForm, type ConsentScope, consentsOfForm } from './consent-form.ts';
import type { CommandContext } from './context.ts';
import { askWord } from './prompt.ts';
import type { UnplannedLook } from './unplanned-look.ts';

/** The form in which what was seen can be accepted in advance. */
export function unplannedForm({ request, look }: UnplannedLook): JsonObject {
  return consentForm(consentScope(request), look.evidence);
}

/** The consents of a form that was filled in. Throws when it is not for what was seen, or does not accept all of it. */
export function consentsInForm(
  form: Json,
  file: string,
  { request, look: { evidence, view } }: UnplannedLook,
  context: CommandContext,
): readonly Consent[] {
  const givenAt = timestamp(context.clock.now());
  const consents = consentsOfForm(form, file, consentScope(request), evidence.digest, givenAt);
  const [first] = missingConsents(view.group, evidence, consents);
  if (first === undefined) return consents;
  throw new CommandError(`${file} does not accept everything that has to be`, {
    reason: first.what,
    remedy: `Fill in accepted of each consent with the name of the group: ${request.group}`,
    exit: 'notReady',
  });
}

/** The consents that a person types; undefined when the person does not accept. */
export async function typedConsents(
  { request, look: { evidence } }: UnplannedLook,
  context: CommandContext,
  to: 'stdout' | 'stderr',
): Promise<readonly Consent[] | undefined> {
  const { group } = request;
  const plain = evidence.needs.filter(({ kind }) => kind !== 'ForceQuorum');
  const force = evidence.needs.filter(({ kind }) => kind === 'ForceQuorum');
  const questions = [
    ...(plain.length > 0 || force.length === 0
      ? [`Type the name of the protection group to accept${plain.map(({ kind }) => ` ${kind}`).join(' and')}: `]
      : []),
    ...(force.length > 0 ? ['Type it once more to override DRBD (ForceQuorum): '] : []),
  ];
  const givenAt = timestamp(context.clock.now());
  for (const question of questions) if ((await askWord(question, context, to)) !== group) return undefined;
  const givenBy = `${request.requestedBy.user}@${request.requestedBy.host}`;
  return evidence.needs.map((need) => ({ ...need, evidence: evidence.digest, givenBy, givenAt }));
}

function consentScope({ group, namespace, target }: FailoverRequest): ConsentScope<ConsentKind> {
  return {
    form: 'FailoverConsent',
    operation: 'failover',
    group,
    namespace,
    cluster: ['targetCluster', target],
    kinds: consentKinds,
    renew: `pgctl failover ${group} --unplanned --dry-run -o yaml`,
  };
}
