import { claimOf } from '../../machines/recovery/context.ts';
import { recoveryDefinition } from '../../machines/recovery/definition.ts';
import { recoveryKind } from '../../machines/recovery/journal.ts';
import { type RecoveryProgress, recoveryProgress } from '../../machines/recovery/operation-view.ts';
import { againCommand } from '../../machines/recovery/verdicts.ts';
import { second } from '../../model/instant.ts';
import { newRecovery, type RecoveryRequest } from '../../model/recovery/recovery-request.ts';
import { recoveryJournal } from '../../runtime/recovery-journal.ts';
import type { CommandContext } from '../context.ts';
import { type ExitName, exitOfVerdict } from '../exit-codes.ts';
import { operationPorts } from '../failover-run.ts';
import { OperationRunner, type RunEnd, type RunnerPorts } from '../operation-runner.ts';
import { printNotes } from '../output.ts';
import { openProgressPrinter } from '../progress-printer.ts';
import type { OpenSites } from '../sites.ts';
import { leftLines, recoveryDocument, recoveryTexts } from './progress-text.ts';

/** Creates, drives, goes on with and cancels recoveries. */
export const recoveries = new OperationRunner({
  kind: recoveryKind,
  definition: recoveryDefinition,
  journal: recoveryJournal,
  claimOf,
  homeOf: ({ driver }: RecoveryRequest) => driver,
  objectOf: newRecovery,
  viewOf: recoveryProgress,
  followCommand: (request) => againCommand({ request }),
  lookCommand: ({ group }) => `pgctl recover ${group}`,
  poll: 2 * second,
});

/** What following a recovery came to; its document for programs, unless it was left. */
export interface Followed {
  readonly exit: ExitName;
  readonly document?: unknown;
}

/** Shows a recovery that `run` starts or goes on with to its end; Ctrl-C leaves it to the Failover Controller. */
export async function followRecovery(
  forPrograms: boolean,
  sites: OpenSites,
  context: CommandContext,
  run: (ports: RunnerPorts<RecoveryProgress>) => Promise<RunEnd<RecoveryRequest, RecoveryProgress>>,
): Promise<Followed> {
  const printer = openProgressPrinter(recoveryTexts, context, forPrograms);
  context.endsItself();
  try {
    const end = await run(operationPorts<RecoveryProgress>(sites, context, (view) => printer.show(view)));
    if (end.how === 'left') {
      printer.end();
      printNotes(leftLines(end.operation), context);
      return { exit: 'timedOut' };
    }
    printer.show(end.view);
    const { verdict } = end.view;
    return { exit: verdict === undefined ? 'error' : exitOfVerdict(verdict), document: recoveryDocument(end.view) };
  } finally {
    printer.end();
  }
}
