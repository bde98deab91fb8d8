import type { Verdict } from '../../drills/judgement.ts';
import type { CommandContext } from '../context.ts';
import type { ExitName } from '../exit-codes.ts';
import { type OutputFormat, printDocument, printLines } from '../output.ts';
import { drillDocument, type PlayedDrill, verdictOf } from './drill-document.ts';
import { drillLines } from './drill-lines.ts';
import { junitText } from './junit.ts';

/** Shows a drill in the form that was asked for, and answers the exit of its command. */
export async function showDrill(drill: PlayedDrill, output: OutputFormat, context: CommandContext): Promise<ExitName> {
  if (output === 'junit') context.stdout.write(junitText(drill));
  else if (output === 'json' || output === 'yaml') await printDocument(drillDocument(drill), output, context);
  else printLines(drillLines(drill), context);
  return exitOf[verdictOf(drill)];
}

const exitOf: Readonly<Record<Verdict, ExitName>> = { pass: 'ok', fail: 'error', unknown: 'cannotTell' };
