/** What a client needs to reach one cluster of the lab. */
export interface ClusterAccess {
  readonly cluster: string;
  readonly server: string;
  /** PEM of the lab's certificate authority. */
  readonly authority: string;
  readonly user: string;
  readonly token: string;
}

/** A kubeconfig file for one cluster: its context has the cluster's name and the namespace `default`. */
export function kubeconfigText({ cluster, server, authority, user, token }: ClusterAccess): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: ${cluster}
  cluster:
    server: ${server}
    certificate-authority-data: ${Buffer.from(authority).toString('base64')}
users:
- name: ${cluster}-${user}
  user:
    token: ${token}
contexts:
- name: ${cluster}
  context:
    cluster: ${cluster}
    user: ${cluster}-${user}
    namespace: default
current-context: ${cluster}
`;
}
