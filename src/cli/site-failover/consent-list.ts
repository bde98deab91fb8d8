import type { Consent } from '../../model/consent.ts';
import { type Json, type JsonObject, listAt, textAt } from '../../model/json.ts';
import { CommandError } from '../command-error.ts';
import { readForm } from '../consent-form.ts';
import type { CommandContext } from '../context.ts';
import { consentsInForm, unplannedForm } from '../unplanned-consents.ts';
import type { UnplannedLook } from '../unplanned-look.ts';

const kind = 'FailoverConsentList';
const writer = 'pgctl failover --all --unplanned --dry-run -o yaml';

/** A file with a form for each of several groups. */
export interface ConsentList {
  readonly file: string;
  readonly forms: readonly Json[];
}

/** The forms of several groups in one document; each is filled in as that of one group is. */
export function consentList(seen: readonly UnplannedLook[]): JsonObject {
  return { kind, items: seen.map(unplannedForm) };
}

/** The forms of a file. Throws when it has none. */
export async function readConsentList(file: string): Promise<ConsentList> {
  const document = await readForm(file, writer);
  if (textAt(document, 'kind') === kind) return { file, forms: listAt(document, 'items') };
  throw new CommandError(`${file} is no consent to a failover of several groups`, {
    reason: `its kind is not ${kind}`,
    remedy: `Write a new one: ${writer}`,
    exit: 'usage',
  });
}

/** What a list accepts for a group, or why it does not: one form that is stale or empty holds up no other group. */
export function consentsInList(
  { file, forms }: ConsentList,
  seen: UnplannedLook,
  context: CommandContext,
): readonly Consent[] | CommandError {
  const { namespace, group } = seen.request;
  const form = forms.find(
    (each) => textAt(each, 'protectionGroup') === group && textAt(each, 'namespace') === namespace,
  );
  if (form === undefined) {
    return new CommandError(`${file} has no consent for ${namespace}/${group}`, {
      remedy: `Write a new one: ${writer}`,
      exit: 'notReady',
    });
  }
  try {
    return consentsInForm(form, file, seen, context);
  } catch (thrown) {
    if (thrown instanceof CommandError) return thrown;
    throw thrown;
  }
}
