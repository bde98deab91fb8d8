import type { Consent, ConsentNeed } from '../model/consent.ts';
import { at, isJsonObject, type Json, type JsonObject, listAt, textAt } from '../model/json.ts';
import { CommandError } from './command-error.ts';

/** What a form asks consent to. `Kind`: what can be accepted. */
export interface ConsentScope<Kind extends string> {
  /** `kind` of the form. */
  readonly form: string;
  /** The operation in one word: `failover`. */
  readonly operation: string;
  readonly group: string;
  readonly namespace: string;
  /** The field that names a cluster, and the cluster. */
  readonly cluster: readonly [field: string, name: string];
  readonly kinds: readonly Kind[];
  /** The command that writes a new form. */
  readonly renew: string;
}

/** What was shown, by its digest. */
interface Shown<Kind extends string> {
  readonly needs: readonly ConsentNeed<Kind>[];
  readonly digest: string;
}

/** The form that a person fills in: `accepted` with the group's name for each statement, and `givenBy`. */
export function consentForm<Kind extends string>(
  { form, group, namespace, cluster: [field, name] }: ConsentScope<Kind>,
  { needs, digest }: Shown<Kind>,
): JsonObject {
  return {
    kind: form,
    protectionGroup: group,
    namespace,
    [field]: name,
    evidence: digest,
    consents: needs.map(({ kind, statement }) => ({ kind, statement, accepted: '' })),
    givenBy: '',
  };
}

/**
 * The consents of a form that was filled in for this very evidence. Throws an error that names what is wrong with it; what is
 * not accepted in it is not in the answer.
 */
export function consentsOfForm<Kind extends string>(
  form: Json,
  file: string,
  scope: ConsentScope<Kind>,
  digest: string,
  givenAt: string,
): readonly Consent<Kind>[] {
  const wrong = (reason: string, remedy: string): CommandError =>
    new CommandError(`${file} is no consent to this ${scope.operation}`, { reason, remedy, exit: 'usage' });
  const renew = `Write a new one: ${scope.renew}`;
  const [clusterField, cluster] = scope.cluster;
  if (!isJsonObject(form) || textAt(form, 'kind') !== scope.form) throw wrong(`its kind is not ${scope.form}`, renew);
  const asked = { protectionGroup: scope.group, namespace: scope.namespace, [clusterField]: cluster };
  const fields = new Set(['kind', ...Object.keys(asked), 'evidence', 'consents', 'givenBy']);
  const foreign = Object.keys(form).find((field) => !fields.has(field));
  if (foreign !== undefined) throw wrong(`it has a field "${foreign}" that means nothing here`, renew);
  for (const [field, value] of Object.entries(asked)) {
    const given = at(form, field);
    if (given !== value) throw wrong(`its ${field} is ${JSON.stringify(given ?? null)}, not "${value}"`, renew);
  }
  if (textAt(form, 'evidence') !== digest)
    throw wrong('what it was given for has changed since: the evidence is another one now', renew);
  const givenBy = textAt(form, 'givenBy')?.trim() ?? '';
  if (givenBy === '') throw wrong('givenBy is empty', 'Write down who accepts it');
  return listAt(form, 'consents').flatMap((entry): readonly Consent<Kind>[] => {
    const kind = scope.kinds.find((each) => each === textAt(entry, 'kind'));
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

/** The contents of a form's file, YAML or JSON. `writer`: the command that writes such files. */
export async function readForm(file: string, writer: string): Promise<Json> {
  const [{ readFile }, { parse }] = await Promise.all([import('node:fs/promises'), import('yaml')]);
  const wrong = (problem: unknown, remedy: string): CommandError =>
    new CommandError(`The consent file ${file} cannot be read`, {
      reason: (problem as Error).message,
      remedy,
      exit: 'usage',
      cause: problem,
    });
  const text = await readFile(file, 'utf8').catch((problem: unknown) => {
    throw wrong(problem, `Name a file that ${writer} has written`);
  });
  try {
    return parse(text) as Json;
  } catch (problem) {
    throw wrong(problem, 'It has to be YAML or JSON, as --dry-run -o yaml writes it');
  }
}
