import { CoverageTally } from '../../drills/coverage/coverage-tally.ts';
import type { RunReport } from '../../drills/run.ts';
import { VerdictTally } from '../../drills/verdict-tally.ts';
import type { DrillCounts, DrillFailure, ToldFailure } from './messages.ts';

/** More failures than these are counted and not told: who has so many looks at the first. */
const toldFailures = 100;

/** Adds up what runs come to. It does not grow with the number of runs, and their order does not matter. */
export class DrillTally {
  runs = 0;
  passed = 0;
  unknown = 0;
  failed = 0;
  simulated = 0;
  readonly failures: ToldFailure[] = [];
  readonly #verdicts = new VerdictTally();
  readonly #coverage = new CoverageTally();
  #sum = 0n;

  /** One more run. A failure is told of as it was reduced, if it was. */
  add(run: number, report: RunReport, reduced?: DrillFailure): void {
    const { verdict, properties, violations, marks, coverage, simulated, digest } = report;
    this.runs++;
    if (verdict === 'pass') this.passed++;
    if (verdict === 'unknown') this.unknown++;
    if (verdict === 'fail') this.failed++;
    const violation = violations[0];
    if (violation !== undefined && this.failures.length < toldFailures)
      this.failures.push({
        run,
        violation,
        ...(reduced === undefined ? {} : { scenario: reduced.scenario, timeline: reduced.timeline }),
      });
    this.#verdicts.add(properties);
    this.#coverage.add({ marks, coverage });
    this.simulated += simulated;
    // A sum does not depend on which thread was first; the run's number keeps two runs from changing places.
    this.#sum = BigInt.asUintN(64, this.#sum + BigInt(`0x${digest}`) * BigInt(2 * run + 1));
  }

  /** Other runs, none of them counted here. */
  merge(counts: DrillCounts): void {
    this.runs += counts.runs;
    this.passed += counts.passed;
    this.unknown += counts.unknown;
    this.failed += counts.failed;
    this.failures.push(...counts.failures.slice(0, toldFailures - this.failures.length));
    this.#verdicts.merge(counts.properties);
    this.#coverage.merge(counts.coverage);
    this.simulated += counts.simulated;
    this.#sum = BigInt.asUintN(64, this.#sum + BigInt(`0x${counts.digest}`));
  }

  /** How many marks have been reached. */
  get marks(): number {
    return this.#coverage.marks.size;
  }

  /** Everything so far: equal for the same runs. */
  counts(): DrillCounts {
    const { runs, passed, unknown, failed, simulated } = this;
    return {
      runs,
      passed,
      unknown,
      failed,
      simulated,
      failures: this.failures.toSorted((a, b) => a.run - b.run),
      properties: this.#verdicts.counts(),
      coverage: this.#coverage.counts(),
      digest: this.#sum.toString(16).padStart(16, '0'),
    };
  }
}
