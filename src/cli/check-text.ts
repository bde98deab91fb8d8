import type { CheckLine, Finding } from '../model/findings.ts';
import type { GroupView, SiteView } from '../model/group-view.ts';

/** What a check came to. `notChecked`: what it looks at could not be read, so that finding nothing says nothing. */
export type CheckResult = 'passed' | 'failed' | 'notChecked';

/** A check with its result, as people and programs are shown it. */
export interface ShownCheck {
  readonly id: string;
  readonly title: string;
  readonly result: CheckResult;
  readonly findings: readonly Finding[];
}

/** The results of checks that look at this site. */
export function shownChecks(lines: readonly CheckLine[], site: SiteView, view: GroupView): readonly ShownCheck[] {
  return lines.map((line) => ({ ...line, result: resultOf(line, site, view) }));
}

/** A statement with its mark, and below it what was found, why it matters, and what to do. */
export function checkLines(checks: readonly ShownCheck[]): readonly string[] {
  const marks: Readonly<Record<CheckResult, string>> = { passed: '✓', failed: '✗', notChecked: '-' };
  return checks.flatMap((check) => [
    `${marks[check.result]} ${check.title}${check.result === 'notChecked' ? ' (not checked)' : ''}`,
    ...check.findings.flatMap(findingLines),
  ]);
}

/** A finding as lines of its own. */
export function findingLines(finding: Finding): readonly string[] {
  if (finding.severity === 'info') return [];
  return [
    `  ${finding.severity === 'error' ? '✗' : '⚠'} ${finding.what}`,
    `    reason: ${finding.why}`,
    `    remedy: ${finding.remedy}`,
  ];
}

function resultOf(line: CheckLine, site: SiteView, view: GroupView): CheckResult {
  if (line.findings.some((finding) => finding.severity === 'error')) return 'failed';
  return hasLooked(line.id, site, view) ? 'passed' : 'notChecked';
}

function hasLooked(id: string, site: SiteView, view: GroupView): boolean {
  if (id === 'group') return true;
  if (id === 'replication') return view.resources.length > 0;
  if (site.virtualMachines.length === 0) return false;
  // Claims and volumes are known through the VMs that name them.
  return site.virtualMachines.every(
    (vm) => vm.object.known && (id === 'virtualMachines' || vm.object.value !== undefined),
  );
}
