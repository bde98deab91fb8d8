/** What keeps the replicated volumes: the deployment model, as the settings name it. */
export const storageBackends = ['linstor', 'drbd-operator'] as const;
export type StorageBackend = (typeof storageBackends)[number];

/** The one that counts where nothing is said. */
export const defaultStorageBackend: StorageBackend = 'linstor';

/** The backend of that name; the default for anything else. */
export function storageBackendOf(text: string | undefined): StorageBackend {
  return storageBackends.find((backend) => backend === text) ?? defaultStorageBackend;
}

/** The field of whatever tells the backend: absent for the default. */
export function backendField(backend: StorageBackend): { readonly storageBackend?: StorageBackend } {
  return backend === defaultStorageBackend ? {} : { storageBackend: backend };
}
