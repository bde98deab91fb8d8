import { second } from '../../model/instant.ts';
import { type FaultFamily, notReached, onlyInScenarios, reached } from './fault.ts';
import { between, duration, type Fields, oneOf, only } from './knob.ts';
import { anyHost, anyMoment, anySite, broken, long, nthRequest } from './ranges.ts';

const moment = oneOf('before', 'after');
const crash: Fields = { kind: only('crash'), host: anyHost, nth: nthRequest, moment };
const pause: Fields = { ...crash, kind: only('pause') };

/** What may happen to the product's own processes. */
export const processFaults: FaultFamily = {
  letter: 'P',
  title: 'Processes of the product',
  faults: [
    reached(
      'P1',
      'Crash',
      'A process dies before it sends a changing request, or after it was carried out and before the answer; a controller is back soon.',
      crash,
    ),
    reached('P2', 'CrashInBatch', 'A process dies between requests that belong together: the Leases of the sites.', {
      ...crash,
      of: { verb: oneOf('create', 'patch'), resource: only('leases') },
    }),
    notReached(
      'P3',
      'OlderBinary',
      'A process is followed by one of the release before, which has to read its journal.',
      'there is one release, and one version of the journal',
    ),
    reached('P4', 'Paused', 'A process stands still for a while at a request, and keeps its Leases.', {
      ...pause,
      lasts: duration(second, 4 * second, 12 * second),
    }),
    reached(
      'P5',
      'TwoHolders',
      'pgctl stands still for so long that its Leases lapse, and goes on when another process drives the operation.',
      { ...pause, host: only('pgctl'), lasts: long },
    ),
    reached('P6', 'CrashLoop', 'A process dies at one request after the other.', { ...crash, times: between(2, 20) }),
    reached(
      'P7',
      'TerminalLost',
      'The terminal of the person who runs pgctl goes away, and pgctl with it; nobody starts it again.',
      { ...crash, host: only('pgctl') },
    ),
    reached(
      'P8',
      'DrivenByTwo',
      'The Failover Controller wants to take up an operation that pgctl drives, and is hindered.',
      {
        kind: only('answer'),
        host: only('failover-controller'),
        nth: nthRequest,
        of: { verb: only('get'), resource: only('leases') },
        fault: oneOf('error', 'lost'),
      },
    ),
    reached(
      'P9',
      'WrongRole',
      'The Protection Group Controller of a site is started again with the role of another.',
      broken('role-wrong', { site: anySite, how: oneOf('primary', 'dr', 'quorum') }),
    ),
    onlyInScenarios(
      reached('P10', 'SettingsChanged', 'The time limits of an operation are changed while it goes on.', {
        kind: only('kubectl'),
        site: only('cluster2'),
        verb: only('patch'),
        resource: only('failovers'),
        name: only('away'),
        body: { spec: { timeouts: { failoverSeconds: between(1, 600) } } },
        when: anyMoment,
      }),
      'the API server refuses it whenever it comes',
    ),
  ],
};
