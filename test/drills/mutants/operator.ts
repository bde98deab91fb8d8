import { type Mutant, rewrite } from './mutant.ts';

/** Bugs in what is made of DRBD Operator's objects. */
export const operatorMutants: readonly Mutant[] = [
  {
    ...rewrite(
      'operator: an operation has no precondition',
      'S5',
      'src/model/drbd-operator/operation-order.ts',
      ['...(precondition === undefined ? {} : { precondition: guardOf(precondition) }),', ''],
      'DRBD is told to connect or to give data up whatever has become of role and data since they were seen',
    ),
    first: 'recovery',
  },
  {
    ...rewrite(
      'operator: a comparison has begun when it is ordered',
      'S32',
      'src/model/recovery/comparison.ts',
      [
        'if (after === undefined) return { ...comparison, after: lastOperationOf(report) };',
        'if (after === undefined) return begun(unordered, now);',
      ],
      'copies that nobody has compared yet are connected and have nothing marked: they count as equal',
    ),
    first: 'recovery',
  },
  {
    ...rewrite(
      'operator: a snapshot counts as taken unseen',
      'S33',
      'src/model/recovery/snapshots.ts',
      ['  return snapshots?.names.includes(name) === true;', '  return snapshots !== undefined && name !== undefined;'],
      'a copy is told to give up its data before anything of it is kept',
    ),
    first: 'recovery',
  },
];
