import type { Judge, Property, Watch } from './properties/property.ts';
import type { RecordKeeper, TimelineEntry } from './record-keeper.ts';
import type { Stage } from './stage.ts';

/** `unknown`: there was nothing to judge, or the run was cut off before everything had come to rest. */
export type Verdict = 'pass' | 'fail' | 'unknown';

/** Properties while they judge one run. */
export class Judgement {
  readonly #judges: readonly {
    readonly property: Property;
    readonly judge: CountingJudge;
    readonly watch: Watch | undefined;
  }[];

  /** Begins to look at a stage that is set; what breaks is told to the keeper. */
  constructor(properties: readonly Property[], stage: Stage, keeper: RecordKeeper) {
    this.#judges = properties.map((property) => {
      const judge = new CountingJudge((what) => keeper.violated(property.id, what));
      return { property, judge, watch: property.watch(stage, judge) };
    });
    stage.twin.hosts.onBreach((hostId, { property, what }) => {
      const held = this.#judges.find((each) => each.property.id === property);
      if (held === undefined) throw new Error(`A host was kept from breaking ${property}, which nobody judges`);
      held.judge.check(false, () => `${hostId} was kept from it: ${what}`);
    });
  }

  /** Everything that was broken has just been mended. */
  mended(): void {
    for (const { watch } of this.#judges) watch?.mended?.();
  }

  /** Everything has come to rest. */
  rested(timeline: readonly TimelineEntry[]): void {
    for (const { watch } of this.#judges) watch?.rested?.(timeline);
  }

  /** By the id of the property. */
  verdicts(hasRested: boolean): Readonly<Record<string, Verdict>> {
    return Object.fromEntries(this.#judges.map(({ property, judge }) => [property.id, judge.verdict(hasRested)]));
  }
}

class CountingJudge implements Judge {
  readonly #broken: (what: string) => void;
  #looks = 0;
  #failures = 0;

  constructor(broken: (what: string) => void) {
    this.#broken = broken;
  }

  check(holds: boolean, what: () => string): void {
    this.#looks++;
    if (holds) return;
    this.#failures++;
    this.#broken(what());
  }

  verdict(hasRested: boolean): Verdict {
    if (this.#failures > 0) return 'fail';
    return hasRested && this.#looks > 0 ? 'pass' : 'unknown';
  }
}
