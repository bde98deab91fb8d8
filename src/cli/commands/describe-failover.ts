import { resources } from '../../model/kube.ts';
import { defineDescription } from '../operation-description.ts';

export const describeFailoverCommand = defineDescription({
  name: 'describe failover',
  kind: resources.failover.kind,
  about:
    'Shows everything about one operation: who ordered what, each step with its times and those that were not executed, what came of each VM, why it ended, what to do next, and which clusters hold its record.',
  example: 'pgctl describe failover production-pg-t85obc7d2e',
});
