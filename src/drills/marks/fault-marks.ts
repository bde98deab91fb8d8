import { faultKinds } from '../../twin/faults/fault-board.ts';

/** How the mark of a fault that has fired begins. */
export const faultMark = 'fault ';

const answers = ['conflict', 'forbidden', 'busy', 'error', 'appliedAndLost', 'lost'];
const moments = ['before', 'after'];

/** Every kind of fault, as its mark names it. */
export const markedFaults: readonly string[] = [
  ...faultKinds.map(({ kind }) => kind),
  ...answers.map((answer) => `answer ${answer}`),
  ...moments.map((moment) => `crash ${moment}`),
];
