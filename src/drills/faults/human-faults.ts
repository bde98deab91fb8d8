import { type FaultFamily, notReached, onlyInScenarios, reached } from './fault.ts';
import { type Fields, only, oneOf } from './knob.ts';
import { anyMoment, anyNode, anyVm, atState, broken, dataSite } from './ranges.ts';

const byHand = 'what a person orders by hand may stay wrong for good, which is no fault of the product';

function edit(site: string, desiredState: string, when = anyMoment): Fields {
  return { kind: only('edit'), site: only(site), desiredState: only(desiredState), when };
}

/** What people may do. */
export const humanFaults: FaultFamily = {
  letter: 'H',
  title: 'People',
  faults: [
    onlyInScenarios(
      reached('H1', 'DesiredStateEdited', 'A person sets the desired state of a site by hand.', {
        kind: only('edit'),
        site: dataSite,
        desiredState: oneOf('running', 'stopped'),
        when: anyMoment,
      }),
      byHand,
    ),
    reached('H2', 'OrderedTwice', 'A failover of a group is ordered again, by somebody else.', {
      kind: only('failover'),
      name: only('again'),
      to: only('cluster2'),
      when: anyMoment,
    }),
    reached('H12', 'BothDirections', 'A failover of a group is ordered in the other direction at the same time.', {
      kind: only('failover'),
      name: only('opposite'),
      to: only('cluster1'),
      when: anyMoment,
    }),
    reached('H3', 'WrongSite', 'A failover is ordered to the site on which the group runs already.', {
      kind: only('failover'),
      name: only('wrong'),
      to: only('cluster1'),
      when: anyMoment,
    }),
    onlyInScenarios(
      reached('H4', 'Deleted', 'A person deletes a VM or a volume in the middle of a failover.', {
        kind: only('kubectl'),
        site: dataSite,
        verb: only('delete'),
        resource: oneOf('virtualmachines', 'persistentvolumes', 'persistentvolumeclaims'),
        name: anyVm,
        when: anyMoment,
      }),
      byHand,
    ),
    notReached(
      'H5',
      'Forced',
      'A person forces a failover while the source is alive.',
      'a source that is seen alive is overridden by nobody; one that is alive and not seen is drawn with the orders of a run',
    ),
    reached('H6', 'LateAnswer', 'A person answers the question of pgctl when things have changed since.', {
      kind: only('failover'),
      name: only('late'),
      to: only('cluster2'),
      when: atState('succeeded', 'rolledBack', 'stoppingSource'),
    }),
    reached('H7', 'Drained', 'A person drains a node.', broken('node-drained', { node: anyNode })),
    onlyInScenarios(
      reached(
        'H8',
        'Reverted',
        'GitOps puts the desired state of the source back, again and again.',
        edit('cluster1', 'running', atState('stoppingSource', 'awaitingRelease')),
        edit('cluster1', 'running', atState('monitoringStartup', 'succeeded')),
      ),
      byHand,
    ),
    onlyInScenarios(
      reached(
        'H9',
        'WrongSideDiscarded',
        'After a split brain a person discards the side that has the newer data.',
        broken('split-brain', { vm: anyVm }),
        broken('wrong-side-discarded', { vm: anyVm, site: dataSite }),
      ),
      byHand,
    ),
    notReached('H10', 'OneSiteUpgraded', 'One site runs another release.', 'there is one release'),
    reached('H11', 'Cancelled', 'A person gives an operation up.', {
      kind: only('cancel'),
      operation: only('away'),
      when: anyMoment,
    }),
  ],
};
