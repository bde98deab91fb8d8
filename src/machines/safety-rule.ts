import type { Effect, Intent, SafetyRule } from './definition.ts';

/** A rule that looks at one effect after the other. */
export function ruleOfEffects<Context>(
  property: string,
  brokenBy: (effect: Effect, intent: Intent<Context>) => string | undefined,
): SafetyRule<Context> {
  return {
    property,
    brokenBy: (intent) => {
      for (const effect of intent.effects) {
        const wrong = brokenBy(effect, intent);
        if (wrong !== undefined) return `${effect.name} ${wrong}`;
      }
      return undefined;
    },
  };
}
