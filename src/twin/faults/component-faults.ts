import { choice, type FaultKind, siteOf } from './fault.ts';

/** The behaviours of a cluster that are one program, by the name of the program. */
export const components = {
  'virt-controller': ['virt-controller-vm', 'virt-controller-vmi', 'virt-controller-node'],
  'virt-handler': ['virt-handler'],
  kubelet: ['kubelet', 'node-heartbeat'],
  scheduler: ['default-scheduler'],
  'attach-detach': ['attachdetach-controller'],
  'csi-attacher': ['csi-attacher'],
  'ha-controller': ['quorum-taint-agent'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Component = keyof typeof components;

/** A program of a cluster does not run; what is to do waits for it. */
export const componentDown: FaultKind = {
  kind: 'component-down',
  about: 'a program of a cluster does not run, on any of its nodes; it goes on when it is mended',
  options: ['--site CLUSTER', `--component ${Object.keys(components).join('|')}`],
  prepare: (twin, order) => {
    const site = siteOf(twin, order.site);
    const names = Object.keys(components) as [Component, ...Component[]];
    const component = choice('--component', order.component, names);
    const cluster = twin.world.cluster(site);
    return {
      says: `${component} of ${site} is down`,
      breaks: components[component].map((name) => `${name} of ${site}`),
      act: () => components[component].forEach((name) => cluster.suspend(name)),
      heal: () => components[component].forEach((name) => cluster.resume(name)),
    };
  },
};
