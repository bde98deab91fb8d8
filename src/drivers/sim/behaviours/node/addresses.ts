import { listAt, textAt } from '../../../../model/json.ts';
import { resources } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';

/** The internal address of a node, as its object has it. */
export function addressOfNode(port: ClusterPort, name: string): string {
  const addresses = listAt(port.get(resources.node, '', name), 'status', 'addresses');
  const internal = addresses.find((address) => textAt(address, 'type') === 'InternalIP');
  return textAt(internal, 'address') ?? '192.0.2.1';
}

/** An address of the pod network, from the uid of the pod. */
export function addressOfPod(uid: string): string {
  const digits = uid.replaceAll('-', '').padEnd(4, '0');
  const third = Number.parseInt(digits.slice(0, 2), 16) % 250;
  const fourth = 2 + (Number.parseInt(digits.slice(2, 4), 16) % 250);
  return `10.244.${third}.${fourth}`;
}
