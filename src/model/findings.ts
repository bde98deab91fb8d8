import type { SiteName } from './site.ts';

/** `error` keeps a group from being ready; `warning` does not; `info` is told on request only. */
export type Severity = 'error' | 'warning' | 'info';

/** One thing that a check has found. `id` is stable; wording is not. */
export interface Finding {
  readonly id: string;
  readonly severity: Severity;
  readonly site?: SiteName;
  /** `VirtualMachine prod-vm-1`: what it is about. */
  readonly object?: string;
  readonly what: string;
  readonly why: string;
  /** The next command or act. */
  readonly remedy: string;
}

/** A line of a report: a statement, and what speaks against it. */
export interface CheckLine {
  readonly id: string;
  readonly title: string;
  readonly findings: readonly Finding[];
}

export function errorsOf(lines: readonly CheckLine[]): readonly Finding[] {
  return lines.flatMap((line) => line.findings.filter((finding) => finding.severity === 'error'));
}

/** True when nothing speaks against any line. */
export function allPass(lines: readonly CheckLine[]): boolean {
  return errorsOf(lines).length === 0;
}
