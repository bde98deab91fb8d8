import { describeConformance } from '../../conformance/conformance-suite.ts';
import { controlPlaneBinaries, startControlPlane } from './control-plane.ts';
import { realCluster } from './real-cluster.ts';

describeConformance('a real control plane', async () => {
  const plane = await startControlPlane(controlPlaneBinaries(), {
    controllers: [
      'clusterrole-aggregation-controller',
      'garbage-collector-controller',
      'namespace-controller',
      'persistentvolume-binder-controller',
      'persistentvolume-protection-controller',
      'persistentvolumeclaim-protection-controller',
      'serviceaccount-controller',
    ],
    schedules: true,
  });
  return { cluster: realCluster(plane), close: () => plane.stop() };
});
