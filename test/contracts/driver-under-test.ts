import type { ApiRequest, Outcome } from '../../src/model/request.ts';

/**
 * A driver with one site `cluster1` behind it: a Kubernetes API with the namespace `default`, full rights there, and a node `n1`
 * with a satellite and a DRBD resource `vol`, whose peer is `n2`.
 */
export interface DriverUnderTest {
  perform(request: ApiRequest): Promise<Outcome>;
  /** The satellite of `n1` stands still, or goes on. */
  freezeSatellite(isFrozen: boolean): Promise<void>;
  /** The site takes requests and says nothing, or refuses connections, until it is open again. */
  setReachability(reachability: 'open' | 'hang' | 'refuse'): Promise<void>;
  close(): Promise<void>;
}
