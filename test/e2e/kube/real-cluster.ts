import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterUnderTest } from '../../conformance/cluster-under-test.ts';
import { httpCall, httpWatch } from '../../conformance/http-client.ts';
import type { ControlPlane } from './control-plane.ts';
import { beginOver } from '../../conformance/https-call.ts';

/** A real control plane as the conformance suite asks it. */
export function realCluster({ port, authority, tokens }: ControlPlane): ClusterUnderTest {
  const begin = beginOver({ port, ca: authority });
  return {
    request: (call) => httpCall(begin, call, tokens[call.as ?? 'admin']),
    watch: (call) => httpWatch(begin, call, tokens[call.as ?? 'admin']),
    pass: () => sleep(50),
  };
}
