import { resources } from '../../model/kube.ts';
import { defineDescription } from '../operation-description.ts';

export const describeRecoveryCommand = defineDescription({
  name: 'describe recovery',
  kind: resources.recovery.kind,
  about:
    'Shows everything about one recovery, or one comparison: who ordered what and accepted which loss, each step with its times, what came of every two copies, where what was given up is kept, why it ended and what to do next.',
  example: 'pgctl describe recovery production-pg-rtdrvlk',
});
