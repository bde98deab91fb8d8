import type { CommandContext } from './context.ts';
import { openLiveLine } from './live-line.ts';
import { printLines, printNotes } from './output.ts';

/** Prints the progress of an operation from successive views of it, whoever drives it. */
export interface ProgressPrinter<View> {
  show(view: View): void;
  end(): void;
}

/** What goes on at this moment, and what it waits for: the moving line of a terminal. */
export interface Activity {
  readonly doing: string;
  readonly detail: string | undefined;
}

/** How the views of a kind of operation are told. */
export interface ProgressTexts<View> {
  /** The lines that a view adds to an earlier one. */
  readonly progressLines: (earlier: View | undefined, view: View) => readonly string[];
  /** Undefined when the operation has ended. */
  readonly activityOf: (view: View) => Activity | undefined;
}

/** Lines go to stdout, or to stderr when stdout is read by a program; on a terminal a moving line says what is awaited. */
export function openProgressPrinter<View>(
  { progressLines, activityOf }: ProgressTexts<View>,
  context: CommandContext,
  forPrograms: boolean,
): ProgressPrinter<View> {
  const live = openLiveLine(context, (lines) => (forPrograms ? printNotes : printLines)(lines, context));
  let latest: View | undefined;
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
