import type { Consent } from '../../model/consent.ts';
import { allNamespaces } from '../../model/read-plan.ts';
import { CommandError } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import type { ExitName } from '../exit-codes.ts';
import { isAt } from '../failover-plan.ts';
import type { Standing } from '../failover-standing.ts';
import { startOperation } from '../operation-run.ts';
import { isForPrograms, printDocument, printLines, printNotes } from '../output.ts';
import type { OpenSites } from '../sites.ts';
import { typedConsents } from '../unplanned-consents.ts';
import { lookUnplanned, type UnplannedLook, unplannedRefusal } from '../unplanned-look.ts';
import { knownLines, needLines, sourceAnswers, unplannedSteps } from '../unplanned-text.ts';
import { carryOut } from './carry-out.ts';
import { consentList, consentsInList, readConsentList } from './consent-list.ts';
import { inParallel } from './in-parallel.ts';
import type { SiteFailoverOrder } from './order.ts';
import { goes, looksAtOnce, type SiteFailoverPlan, type Turn, wavesOf } from './plan.ts';
import { selectGroups } from './selection.ts';
import { planLines, type PlanTexts } from './text.ts';

/** A turn of an unplanned failover. */
interface UnplannedMove extends Turn {
  readonly seen: UnplannedLook;
  readonly consents: readonly Consent[];
}

type UnplannedPlan = SiteFailoverPlan<UnplannedMove>;

/**
 * Moves several groups to the target without their source: shows what is known of each, has the person accept for each by its name
 * what cannot be proven, and brings those there. The groups are the target's: nothing is asked of the source but what evidence needs.
 */
export async function runUnplannedSiteFailover(
  order: SiteFailoverOrder,
  sites: OpenSites,
  context: CommandContext,
): Promise<ExitName> {
  const plan = await planUnplanned(order, sites, context);
  if (order.dryRun) return dryRun(order, plan, context);
  const print = isForPrograms(order.output) ? printNotes : printLines;
  print(['⚠ UNPLANNED FAILOVER', ...planLines(plan, order, unplannedTexts(plan))], context);
  const accepted = await withConsents(order, plan, context);
  const isDeclined = plan.waves.some(({ moves }) => moves.some(goes)) && !accepted.some(goes);
  if (isDeclined && order.consentFile === undefined) {
    print(['✗ Cancelled: nothing was changed'], context);
    return 'cancelled';
  }
  return carryOut(order, { ...plan, waves: wavesOf(accepted) }, sites, context, ({ seen, consents }, ports) =>
    startOperation({ ...seen.request, consents }, ports),
  );
}

async function planUnplanned(
  order: SiteFailoverOrder,
  sites: OpenSites,
  context: CommandContext,
): Promise<UnplannedPlan> {
  const { target } = order;
  const reach = { driver: sites.driver, clock: context.clock, storage: sites.storage };
  const selected = await selectGroups(order, [target], reach);
  const moves = await inParallel(selected, looksAtOnce, async (one): Promise<UnplannedMove> => {
    const { namespace, group } = one;
    const seen = await lookUnplanned({ ...order, namespace, group }, sites, context);
    return { ...one, seen, standing: standingOf(seen), consents: [] };
  });
  return { source: target === sites.dr ? sites.primary : sites.dr, target, waves: wavesOf(moves) };
}

function standingOf(seen: UnplannedLook): Standing {
  const { operation, findings, look } = seen;
  if (operation !== undefined) return { kind: 'underWay', operation };
  if (isAt(look.view.group.target, 'running')) return { kind: 'alreadyThere' };
  return findings.length === 0 ? { kind: 'ready' } : { kind: 'cannot', error: unplannedRefusal(seen) };
}

/** The turns with what was accepted for each; a group for which it was not stays where it is. */
async function withConsents(
  order: SiteFailoverOrder,
  { waves }: UnplannedPlan,
  context: CommandContext,
): Promise<readonly UnplannedMove[]> {
  const { consentFile, output } = order;
  const list = consentFile === undefined ? undefined : await readConsentList(consentFile);
  const turns: UnplannedMove[] = [];
  for (const one of waves.flatMap(({ moves }) => moves)) {
    if (one.standing.kind !== 'ready') turns.push(one);
    else if (list !== undefined) turns.push(withAnswer(one, consentsInList(list, one.seen, context)));
    else {
      (isForPrograms(output) ? printNotes : printLines)(askedLines(one), context);
      const typed = await typedConsents(one.seen, context, isForPrograms(output) ? 'stderr' : 'stdout');
      turns.push(withAnswer(one, typed ?? notAccepted(one)));
    }
  }
  return turns;
}

function withAnswer(one: UnplannedMove, answer: readonly Consent[] | CommandError): UnplannedMove {
  return answer instanceof CommandError
    ? { ...one, standing: { kind: 'cannot', error: answer } }
    : { ...one, consents: answer };
}

function notAccepted({ label }: Turn): CommandError {
  return new CommandError(`${label} was left out: its name was not typed`, { exit: 'cancelled' });
}

/** What is shown of a group before its name is asked for. */
function askedLines({ label, wave, seen }: UnplannedMove): readonly string[] {
  return [`▶ ${label} (wave ${wave})`, 'What is known:', ...knownLines(seen), ...needLines(seen)];
}

function unplannedTexts({ source, waves }: UnplannedPlan): PlanTexts<UnplannedMove> {
  const going = waves.flatMap(({ moves }) => moves.filter(goes));
  const [first] = going;
  const answers = going.some(({ seen }) => sourceAnswers(seen));
  return {
    source: `${source} (${answers ? 'answers' : 'does not answer'})`,
    going: ({ label }) => [`  ${label}`],
    notes: (first?.seen.heard ?? []).map((fact) => `⚠ ${fact}`),
    steps: going.length === 0 ? [] : unplannedSteps(going.map(({ seen }) => seen)),
  };
}

async function dryRun(order: SiteFailoverOrder, plan: UnplannedPlan, context: CommandContext): Promise<ExitName> {
  const turns = plan.waves.flatMap(({ moves }) => moves);
  const able = turns.filter(({ standing }) => standing.kind !== 'cannot');
  const ready = turns.filter(({ standing }) => standing.kind === 'ready');
  const isReady = able.length === turns.length;
  if (order.output === 'json' || order.output === 'yaml') {
    await printDocument(consentList(ready.map(({ seen }) => seen)), order.output, context);
  } else {
    const verdict = isReady ? 'YES' : `NO (${able.length} of ${turns.length} protection groups)`;
    const place = order.namespace === allNamespaces ? ' -A' : '';
    const meant = `${order.selector === undefined ? '--all' : `-l '${order.selector}'`}${place}`;
    const form = `pgctl failover ${meant} --to ${plan.target} --unplanned --dry-run -o yaml`;
    printLines(
      [
        '✓ Dry run mode - no changes will be made',
        '⚠ UNPLANNED FAILOVER',
        ...planLines(plan, order, unplannedTexts(plan)),
        ...ready.flatMap(askedLines),
        `Ready for unplanned failover: ${verdict}`,
        ...(ready.length === 0 ? [] : [`A form to accept it in advance: ${form}`]),
      ],
      context,
    );
  }
  return isReady ? 'ok' : 'notReady';
}
