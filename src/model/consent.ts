import { isJsonObject, type Json, type JsonObject, textAt } from './json.ts';

/**
 * What a person can accept in an unplanned failover.
 * - `UnverifiedSource`: what cannot be proven stopped may still run, and what it writes from then on is lost or parts the copies.
 * - `DataLoss`: the target's copy is not known to be the newest.
 * - `ForceQuorum`: DRBD's own refusal to promote without quorum is overridden.
 */
export const consentKinds = ['UnverifiedSource', 'DataLoss', 'ForceQuorum'] as const;
export type ConsentKind = (typeof consentKinds)[number];

/** Something that is asked of a person before an operation may go on. `Kind`: what that operation can ask. */
export interface ConsentNeed<Kind extends string = ConsentKind> {
  readonly kind: Kind;
  /** The sentence to accept: what cannot be verified, and what may be lost by it. */
  readonly statement: string;
}

/** The acceptance of one need, bound to the evidence that was shown. */
export interface Consent<Kind extends string = ConsentKind> extends ConsentNeed<Kind> {
  /** Digest of the evidence; see `evidence.ts`. */
  readonly evidence: string;
  readonly givenBy: string;
  /** RFC 3339. */
  readonly givenAt: string;
}

/** A statement is no longer than the CRD lets it be. */
const statementMax = 1024;

/** The consents of a Failover object. One that is not whole is none. */
export function consentsOf(list: readonly Json[]): readonly Consent[] {
  return consentsOfKinds(list, consentKinds);
}

/** The consents of an operation's object that are of these kinds, and whole. */
export function consentsOfKinds<Kind extends string>(
  list: readonly Json[],
  kinds: readonly Kind[],
): readonly Consent<Kind>[] {
  return list.flatMap((entry): readonly Consent<Kind>[] => {
    if (!isJsonObject(entry)) return [];
    const kind = kinds.find((each) => each === textAt(entry, 'kind'));
    const [statement, evidence, givenBy, givenAt] = ['statement', 'evidence', 'givenBy', 'givenAt'].map((field) =>
      textAt(entry, field),
    );
    const isWhole = kind !== undefined && statement && evidence && givenBy && givenAt;
    return isWhole ? [{ kind, statement, evidence, givenBy, givenAt }] : [];
  });
}

export function consentFields(consents: readonly Consent<string>[]): readonly JsonObject[] {
  return consents.map((consent) => ({ ...consent }));
}

/** A statement, cut where the CRD would refuse it. */
export function statementOf(text: string): string {
  return text.length <= statementMax ? text : `${text.slice(0, statementMax - 2)} …`;
}
