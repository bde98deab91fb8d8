import { timestamp } from '../../model/instant.ts';
import { at, isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import { type RecoveryEvidence, recoveryConsents, unmetNeeds } from '../../model/recovery/recovery-evidence.ts';
import {
  type RecoveryConsent,
  type RecoveryConsentKind,
  recoveryConsentKinds,
  type RecoveryRequest,
} from '../../model/recovery/recovery-request.ts';
import { CommandError } from '../command-error.ts';
import { consentForm, type ConsentScope, consentsOfForm, readForm } from '../consent-form.ts';
import type { CommandContext } from '../context.ts';
import { askWord, confirm } from '../prompt.ts';

/** How the person in charge is asked. */
export interface Asking {
  /** A form in which it was accepted. */
  readonly consentFile: string | undefined;
  /** Nothing that is lost is accepted by it. */
  readonly yes: boolean;
  readonly forPrograms: boolean;
}

/** The form that asks in advance what would be asked. */
export function recoveryForm(request: RecoveryRequest, evidence: RecoveryEvidence): JsonObject {
  return consentForm(scopeOf(request), evidence);
}

/** Has the person accept what is lost, by the typed name of the group or a form; undefined when they do not. */
export async function consentsTo(
  request: RecoveryRequest,
  evidence: RecoveryEvidence,
  { consentFile, yes, forPrograms }: Asking,
  context: CommandContext,
): Promise<readonly RecoveryConsent[] | undefined> {
  const to = forPrograms ? 'stderr' : 'stdout';
  const givenAt = timestamp(context.clock.now());
  if (consentFile !== undefined) return consentsInFile(request, evidence, consentFile, givenAt);
  if (evidence.needs.length === 0) return yes || (await confirm('Continue?', context, to)) ? [] : undefined;
  const { group, requestedBy } = request;
  const word = await askWord('Type the name of the group to accept this: ', context, to);
  if (word !== group) return undefined;
  return recoveryConsents(evidence, `${requestedBy.user}@${requestedBy.host}`, givenAt);
}

async function consentsInFile(
  request: RecoveryRequest,
  evidence: RecoveryEvidence,
  file: string,
  givenAt: string,
): Promise<readonly RecoveryConsent[]> {
  const scope = scopeOf(request);
  const document = await readForm(file, scope.renew);
  const consents = consentsOfForm(formIn(document), file, scope, evidence.digest, givenAt);
  const [first] = unmetNeeds(evidence, consents);
  if (first === undefined) return consents;
  throw new CommandError(`${file} does not accept everything that has to be`, {
    reason: `${first.need.kind} is not accepted: ${first.need.statement}`,
    remedy: `Fill in accepted of each consent with the name of the group: ${request.group}`,
    exit: 'notReady',
  });
}

/** The form alone, or what `--dry-run -o yaml` has written with the form in it. */
function formIn(document: Json): Json {
  return isJsonObject(document) ? (at(document, 'consent') ?? document) : document;
}

function scopeOf({ group, namespace, survivor = '' }: RecoveryRequest): ConsentScope<RecoveryConsentKind> {
  return {
    form: 'RecoveryConsent',
    operation: 'recovery',
    group,
    namespace,
    cluster: ['survivorCluster', survivor],
    kinds: recoveryConsentKinds,
    renew: `pgctl recover ${group} --survivor ${survivor} --dry-run -o yaml`,
  };
}
