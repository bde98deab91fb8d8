import { copiedFromLabel } from '../../model/definition-copy/marks.ts';
import { textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import type { ApiRequest } from '../../model/request.ts';
import type { SafetyRule } from '../definition.ts';
import { requestRules } from '../request-rules.ts';
import { ruleOfEffects } from '../safety-rule.ts';
import type { HistoryContext } from './context.ts';

const operationTypes: ReadonlySet<string> = new Set([resources.failover.plural, resources.recovery.plural]);

/** What every pass of the history keeps: it touches nothing but operations, and makes nothing that could be taken for an order. */
export const historyRules: readonly SafetyRule<HistoryContext>[] = [
  ...requestRules,
  ruleOfEffects('S7', ({ request }) =>
    request.api !== 'kube' || !operationTypes.has(request.resource.plural)
      ? 'is about something else than an operation'
      : undefined,
  ),
  ruleOfEffects('S13', ({ request }) =>
    isCreation(request) && textAt(request.body, 'metadata', 'labels', copiedFromLabel) === undefined
      ? 'creates an operation that is not marked as a copy'
      : undefined,
  ),
];

function isCreation(request: ApiRequest): request is Extract<ApiRequest, { api: 'kube' }> {
  return request.api === 'kube' && request.verb === 'create';
}
