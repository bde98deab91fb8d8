/**
 * Checks that the twin does not pass, by title: each is a difference of docs/fidelity.md. A check of this list that passes
 * fails the suite, so that the list only shrinks.
 */
export const knownDifferences: readonly string[] = [
  'null for an integer',
  'a kind of another name',
  'two owners that control',
  'a Secret whose data is no base64',
  'a change of a pod that may not change',
  'a lease time without fractions',
  'a field given twice where validation is strict',
  'a patch that gives a value of the wrong type',
];
