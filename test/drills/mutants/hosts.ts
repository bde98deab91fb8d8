import { type Mutant, rewrite } from './mutant.ts';

const simHost = 'src/runtime/sim-host.ts';
const pass = 'src/runtime/pass.ts';
const observation = 'src/model/observation.ts';
const takingOver = 'src/machines/operation/taking-over.ts';

/** Bugs of what drives the machines: the journal, answers and looks. */
export const hostMutants: readonly Mutant[] = [
  rewrite(
    'effects are performed before their record is in the journal',
    'S10',
    simHost,
    ['if (request === undefined) {', 'if (request === undefined || pass.effects.length > 0) {'],
    'what is ordered cannot follow from a journal that is written after it',
  ),
  rewrite(
    'a journal write without an answer counts as stored',
    'S10',
    simHost,
    ["outcome?.kind === 'applied' ? 'stored' : 'unknown'", "'stored'"],
    'the effects of a record follow although it may never have been stored',
  ),
  rewrite(
    'a refused journal write counts as stored',
    'S10',
    simHost,
    ["verdict ?? 'unknown'", "'stored'"],
    'the effects of a record follow although the server has said that it is not stored',
  ),
  rewrite(
    'no deadline ever comes',
    'L12',
    pass,
    ['.filter(({ at }) => at <= now)', '.filter(({ at }) => at < 0)'],
    'an operation stays in its step whatever its limits say',
  ),
  rewrite(
    'a host that takes over sets its own time limits',
    'L12',
    takingOver,
    ['...(stored?.deadlines ?? own)', '...own'],
    'each process that takes an operation over prolongs it',
  ),
  rewrite(
    'a host that takes over forgets the plan',
    'L2',
    takingOver,
    ['    ...stored,\n', ''],
    'without the VMs and the epoch nothing more is ordered',
  ),
  rewrite(
    'decisions are made from the look before the last',
    'S22',
    simHost,
    [
      'const pass = decide(definition, before, plan, outcomes,',
      'const kept = this as unknown as { earlier?: readonly Outcome[] };\n    const stale = kept.earlier?.length === outcomes.length ? kept.earlier : outcomes;\n    kept.earlier = outcomes;\n    const pass = decide(definition, before, plan, stale,',
    ],
    'a step ends on what was seen one look earlier',
  ),
  rewrite(
    'a host that has seen enough does not think again',
    'L3',
    simHost,
    ['return outcomes.every((outcome, index) => outcome === earlier[index]);', 'return true;'],
    'after a pass that came to nothing new answers are taken for the old ones',
  ),
  rewrite(
    'a read without an answer counts as an empty list',
    'L1',
    observation,
    [
      'into.readings[subject] = unknown(`${into.site}: ${type} could not be read',
      "if (outcome.kind === 'unknown') {\n    into.readings[subject] = known([]);\n    return;\n  }\n  into.readings[subject] = unknown(`${into.site}: ${type} could not be read",
    ],
    'a group that could not be read looks deleted, and its controller ends for good',
  ),
];
