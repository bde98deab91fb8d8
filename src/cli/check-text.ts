import type { CheckLine, Finding } from '../model/findings.ts';

/** A statement with its mark, and below it what was found, why it matters, and what to do. */
export function checkLines(lines: readonly CheckLine[]): readonly string[] {
  return lines.flatMap((line) => [`${passes(line) ? '✓' : '✗'} ${line.title}`, ...line.findings.flatMap(findingLines)]);
}

/** A check as programs read it. */
export function checkDocuments(lines: readonly CheckLine[]): readonly unknown[] {
  return lines.map((line) => ({ id: line.id, title: line.title, passed: passes(line), findings: line.findings }));
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

function passes(line: CheckLine): boolean {
  return line.findings.every((finding) => finding.severity !== 'error');
}
