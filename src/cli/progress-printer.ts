import type { OperationView } from '../model/projection.ts';
import type { CommandContext } from './context.ts';
import { activityOf, progressLines } from './failover-progress.ts';
import { openLiveLine } from './live-line.ts';
import { printLines, printNotes } from './output.ts';

/** Prints the progress of an operation from successive views of it, whoever drives it. */
export interface ProgressPrinter {
  show(view: OperationView): void;
  end(): void;
}

/** Lines go to stdout, or to stderr when stdout is read by a program; on a terminal a moving line says what is awaited. */
export function openProgressPrinter(context: CommandContext, forPrograms: boolean): ProgressPrinter {
  const live = openLiveLine(context, (lines) => (forPrograms ? printNotes : printLines)(lines, context));
  let latest: OperationView | undefined;
  return {
    show: (view) => {
      live.print(progressLines(latest, view));
      latest = view;
      const activity = activityOf(view);
      if (activity === undefined) live.end();
      else live.show(activity.doing, activity.detail);
    },
    end: () => live.end(),
  };
}
