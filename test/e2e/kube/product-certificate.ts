import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../../../src/lab/certificates.ts';

const files = { certificate: 'product.crt', privateKey: 'product.key' } as const;

/**
 * A certificate of an API server for who calls it `localhost`, which is the product alone, by an authority of its own: it can be
 * replaced like one of an authority that is given up, and nobody else minds.
 */
export class ProductCertificate {
  readonly #folder: string;
  #authority = '';

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async issue(folder: string): Promise<ProductCertificate> {
    const issued = new ProductCertificate(folder);
    await issued.replace();
    return issued;
  }

  get flags(): readonly string[] {
    const [certificate, key] = [files.certificate, files.privateKey].map((name) => join(this.#folder, name));
    return [`--tls-sni-cert-key=${certificate},${key}:localhost`];
  }

  /** PEM of the authority that signed it. */
  get authority(): string {
    return this.#authority;
  }

  /** Puts one by a new authority in its place, which the API server presents when it is started again. */
  async replace(): Promise<void> {
    const authority = await createAuthority('product-ca');
    const issued = await authority.issueServer('kube-apiserver');
    for (const part of ['certificate', 'privateKey'] as const)
      writeFileSync(join(this.#folder, files[part]), issued[part], { mode: 0o600 });
    this.#authority = authority.certificate;
  }
}
