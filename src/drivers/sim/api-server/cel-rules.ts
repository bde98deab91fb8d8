import type { Json } from '../../../model/json.ts';
import { flagAt, textAt } from '../../../model/json.ts';
import type { Evaluation } from './cel-environment.ts';
import { compileCel } from './cel-environment.ts';
import type { FieldErrorType } from './status-errors.ts';

/** One entry of `x-kubernetes-validations`, compiled. */
export interface CelRule {
  readonly text: string;
  /** The rule names `oldSelf`: it holds between two versions of a value. */
  readonly comparesOld: boolean;
  /** The fields of an object that the rule reads; undefined when it may read all of it. */
  readonly reads: ReadonlySet<string> | undefined;
  /** Evaluated at creation too, with an absent `oldSelf`. */
  readonly optionalOldSelf: boolean;
  readonly message: string | undefined;
  readonly messageExpression: Evaluation | undefined;
  readonly reason: FieldErrorType;
  readonly fieldPath: string;
  readonly evaluate: Evaluation;
}

/** Compiles the rules of one schema node. A rule that does not compile throws: the CRD is refused. */
export function compileRules(entries: readonly Json[]): readonly CelRule[] {
  return entries.map((entry) => {
    const text = (textAt(entry, 'rule') ?? 'true').trim();
    const messageExpression = textAt(entry, 'messageExpression');
    return {
      text,
      comparesOld: /\boldSelf\b/.test(text),
      reads: fieldsRead(text),
      optionalOldSelf: flagAt(entry, 'optionalOldSelf') === true,
      message: textAt(entry, 'message')?.trim(),
      messageExpression: messageExpression === undefined ? undefined : compileCel(messageExpression),
      reason: reasons[textAt(entry, 'reason') ?? ''] ?? 'Invalid',
      fieldPath: textAt(entry, 'fieldPath') ?? '',
      evaluate: compileCel(text),
    };
  });
}

// Fields named as `self.x`; with any other use of self (`self[…]`, `self.size()`, `self` alone) the rule may read everything.
function fieldsRead(rule: string): ReadonlySet<string> | undefined {
  const code = rule.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '');
  const uses = code.match(/\b(?:self|oldSelf)\b(?:\s*\.\s*\w+(?!\w|\s*\())?/g) ?? [];
  const fields = uses.map((use) => use.split('.')[1]?.trim());
  if (fields.some((field) => field === undefined || field.includes('__'))) return undefined;
  return new Set(fields as readonly string[]);
}

const reasons: Readonly<Record<string, FieldErrorType>> = {
  FieldValueRequired: 'Required',
  FieldValueForbidden: 'Forbidden',
  FieldValueDuplicate: 'Duplicate',
  FieldValueInvalid: 'Invalid',
};
