import type { ConsentNeed } from '../model/consent.ts';
import type { UnplannedLook } from './unplanned-look.ts';

/** What is known, what is not, and what will be done. */
export function unplannedIntroduction(seen: UnplannedLook): readonly string[] {
  const { group, source, target } = seen.request;
  return [
    '⚠ UNPLANNED FAILOVER',
    `Protection Group: ${group}`,
    `Source: ${source} (${sourceAnswers(seen) ? 'answers' : 'does not answer'})`,
    `Target: ${target}`,
    'What is known:',
    ...knownLines(seen),
    ...seen.heard.map((fact) => `- ${fact}`),
    ...needLines(seen),
    'This will:',
    ...unplannedSteps([seen]).map((step, index) => `${index + 1}. ${step}`),
  ];
}

/** True when the source tells of the group. */
export function sourceAnswers({ look }: UnplannedLook): boolean {
  return look.view.group.source.group.known;
}

/** The facts that the evidence consists of. */
export function knownLines({ look }: UnplannedLook): readonly string[] {
  return look.evidence.facts.map((fact) => `- ${fact}`);
}

/** What has to be accepted, or that nothing has to be. */
export function needLines(seen: UnplannedLook): readonly string[] {
  const { needs } = seen.look.evidence;
  const { group, source, target } = seen.request;
  if (needs.length > 0) return ['What has to be accepted:', ...needs.map(needLine)];
  return sourceAnswers(seen)
    ? [`⚠ ${source} answers: a planned failover loses nothing: pgctl failover ${group} --to ${target}`]
    : [];
}

/** What will be done with these groups, of which there is at least one. */
export function unplannedSteps(all: readonly UnplannedLook[]): readonly string[] {
  const [{ source, target }] = all.map(({ request }) => request) as [UnplannedLook['request']];
  const isForced = all.some(({ look }) => look.evidence.needs.some(({ kind }) => kind === 'ForceQuorum'));
  return [
    all.some(sourceAnswers)
      ? `Stop VMs on ${source}, as far as it carries that out`
      : `Tell ${source} to stop when it answers again`,
    ...(isForced ? [`Force DRBD on ${target} to promote`] : []),
    `Start VMs on ${target}`,
  ];
}

function needLine({ kind, statement }: ConsentNeed): string {
  return `⚠ ${kind}: ${statement}`;
}
