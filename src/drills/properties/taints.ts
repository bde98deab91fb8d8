import { numberAt, textAt } from '../../model/json.ts';
import { instantOf, second } from '../../model/instant.ts';
import { resources } from '../../model/kube.ts';
import { isChange, placeOf } from '../interference.ts';
import { isOperationOrder, operationOf, stepOf } from './operation-writes.ts';
import type { Property } from './property.ts';

/** Who goes on taking a taint away for ever works against the agent that puts it there. */
export const taintWindow: Property = {
  id: 'S27',
  name: 'TaintWindow',
  says: 'An operation takes quorum taints off the nodes of its target only, and not once its TAINT_REMOVAL_WINDOW is over.',
  watch: (stage, judge) => {
    const { world } = stage.twin;
    stage.onRequest.add((sent) => {
      const { host, request, sentAt } = sent;
      if (!isOperationOrder(sent) || !isChange(request) || request.resource.plural !== resources.node.plural) return;
      const operation = operationOf(stage, host);
      if (operation === undefined) return;
      judge.check(
        request.site === textAt(operation, 'spec', 'targetCluster'),
        () => `${host} changes ${request.name} on ${request.site}`,
      );
      const begun = instantOf(textAt(stepOf(operation, 'removeTaints'), 'startedAt')) ?? 0;
      const window = (numberAt(operation, 'spec', 'timeouts', 'taintRemovalWindowSeconds') ?? 0) * second;
      // What is held up on its way was in time when it was sent.
      const sentWall = world.wallAt(placeOf(host)) - (world.now - sentAt);
      const late = sentWall - begun - Math.max(second, window);
      // Times of a status are in whole seconds.
      judge.check(late <= 2 * second, () => `${host} untaints ${request.name} ${late / second} s after its window`);
    });
    return undefined;
  },
};
