import type { JsonObject } from '../../../model/json.ts';
import type { LinstorNode } from './store.ts';

/** Settings of a controller that was installed without any of its own. */
export const controllerConfigView: JsonObject = {
  config: { dir: '/etc/linstor/' },
  debug: { console_enabled: false },
  log: {
    print_stack_trace: false,
    directory: '/var/log/linstor-controller',
    level: 'info',
    rest_access_log_path: 'rest-access.log',
    rest_access_mode: 'NO_LOG',
  },
  db: {
    connection_url: 'jdbc:h2:/var/lib/linstor/linstordb',
    version_check_disabled: false,
    k8s: { request_retries: 3, max_rollback_entries: 100 },
  },
  http: { enabled: true, listen_address: '::', port: 3370 },
  https: { enabled: true, listen_address: '::', port: 3371 },
  ldap: { enabled: false, public_access_allowed: false, uri: 'ldap://localhost', dn: 'uid={user}' },
};

/** Settings of a satellite; hardly any are known of one that has never been online. */
export function nodeConfigView(node: LinstorNode): JsonObject {
  const shared = { remote_spdk: false, ebs: false, special_satellite: false };
  const debug = { console_enabled: false };
  if (node.connection === 'OFFLINE') {
    return { config: {}, debug, log: { print_stack_trace: false }, ...shared, net: {} };
  }
  const { satellite } = node.interfaces[0] ?? {};
  return {
    config: { dir: '/etc/linstor/' },
    debug,
    log: {
      print_stack_trace: false,
      directory: '/var/log/linstor-satellite',
      level: 'info',
      level_linstor: 'info',
    },
    ...shared,
    net: { bind_address: '::', port: satellite?.port ?? 3366, com_type: 'plain' },
  };
}
