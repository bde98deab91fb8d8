/**
 * Checks that the twin does not pass, by title: each is a difference of docs/fidelity.md. A check of this list that passes
 * fails the suite, so that the list only shrinks.
 */
export const knownDifferences: readonly string[] = [
  'the kind of the body is that of the address',
  'an object answers in YAML to who asks for it',
  'null for an integer',
  'a kind of another name',
  'a scale below zero',
  'two owners that control',
  'a change of the name by a patch',
  'a Secret whose data is no base64',
  'a change of a pod that may not change',
  'a lease time without fractions',
  'a role binding whose role changes',
  'a field given twice where validation is strict',
  'a label selector that is none',
  'a field selector for a field that cannot be selected',
  'a resourceVersion that is no number',
  'a patch that gives a value of the wrong type',
  'a strategic merge patch that gives a value of the wrong type',
  'a path that is no resource is a right of its own',
  'an event is about an object of its namespace',
  'a claim may change its size only, and only upwards where its class allows',
];
