import type { ApiRequest } from '../../model/request.ts';
import { cell, sites } from './cells.ts';
import { orders } from './scenery.ts';
import { type Thing, thing } from './versions.ts';

/** What a changing request of an operation is for: the cell of the object, or the node of a site. */
export interface Place {
  readonly kind: 'group' | 'lease' | 'operation' | 'node';
  readonly site: number;
  readonly cell: number;
  readonly thing: Thing;
}

/** The place that a request changes. */
export function placeOf(request: ApiRequest): Place {
  if (request.api !== 'kube') throw new Error('The product changes nothing in LINSTOR during a failover');
  const site = sites.indexOf(request.site);
  switch (request.resource.kind) {
    case 'ProtectionGroup':
      return { kind: 'group', site, cell: cell.groups + site, thing: thing.group(site) };
    case 'Lease':
      return { kind: 'lease', site, cell: cell.leases + site, thing: thing.lease(site) };
    case 'Failover': {
      const operation = orders.findIndex(({ target }) => target === request.site);
      return { kind: 'operation', site, cell: cell.operations + operation, thing: thing.operation(operation) };
    }
    case 'Node':
      return { kind: 'node', site, cell: cell.trouble, thing: thing.node(site) };
    default:
      throw new Error(`The small world does not expect a change of a ${request.resource.kind} by an operation`);
  }
}
