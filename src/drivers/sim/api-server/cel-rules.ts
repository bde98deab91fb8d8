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
      optionalOldSelf: flagAt(entry, 'optionalOldSelf') === true,
      message: textAt(entry, 'message')?.trim(),
      messageExpression: messageExpression === undefined ? undefined : compileCel(messageExpression),
      reason: reasons[textAt(entry, 'reason') ?? ''] ?? 'Invalid',
      fieldPath: textAt(entry, 'fieldPath') ?? '',
      evaluate: compileCel(text),
    };
  });
}

const reasons: Readonly<Record<string, FieldErrorType>> = {
  FieldValueRequired: 'Required',
  FieldValueForbidden: 'Forbidden',
  FieldValueDuplicate: 'Duplicate',
  FieldValueInvalid: 'Invalid',
};
