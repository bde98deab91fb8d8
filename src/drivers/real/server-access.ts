import type { JsonObject } from '../../model/json.ts';

/** Certificate or key material: named by a file, or carried in the kubeconfig itself (base64 of PEM). */
export type Material = { readonly file: string } | { readonly data: string };

/** An exec plugin as the kubeconfig declares it (client.authentication.k8s.io). */
export interface ExecSettings {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly installHint?: string;
  readonly provideClusterInfo: boolean;
}

/** Everything needed to reach one server and to prove who asks. Paths are absolute. */
export interface ServerAccess {
  /** The file (or setting) that says so, for messages. */
  readonly file: string;
  /** `https://host:port[/prefix]` without a trailing slash. */
  readonly server: string;
  readonly certificateAuthority?: Material;
  readonly tlsServerName?: string;
  readonly insecureSkipTlsVerify: boolean;
  readonly proxyUrl?: string;
  readonly user: ServerUser;
}

export interface ServerUser {
  readonly name: string;
  readonly certificate?: Material;
  readonly key?: Material;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly basic?: { readonly username: string; readonly password: string | Material };
  readonly impersonate?: { readonly user: string; readonly groups: readonly string[]; readonly uid?: string };
  readonly exec?: ExecSettings;
  /** OIDC, Azure and Google entries, kept as they are for `@kubernetes/client-node`. */
  readonly authProvider?: JsonObject;
}
