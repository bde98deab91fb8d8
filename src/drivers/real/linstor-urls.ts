import { AccessError } from './access-error.ts';

/**
 * The base URLs of a list of controllers as LS_CONTROLLERS has it: separated by commas, each `host`, `host:port` or a URL with
 * `http`, `https`, `linstor` or `linstor+ssl`. Ports default to 3370, with TLS to 3371 (golinstor, client/client.go).
 * @throws AccessError for one that is no such address
 */
export function linstorUrls(
  list: string,
  options: { readonly secure?: boolean; readonly source?: string } = {},
): readonly string[] {
  const { secure = false, source = 'LINSTOR controllers' } = options;
  const entries = list.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '').map((entry) => urlOf(entry, secure, source));
}

const schemes: Readonly<Record<string, 'http' | 'https'>> = {
  http: 'http',
  https: 'https',
  linstor: 'http',
  'linstor+ssl': 'https',
};

function urlOf(entry: string, secure: boolean, source: string): string {
  const [, named, rest = ''] = /^(?:([a-z+]+):\/\/)?(.*)$/i.exec(entry) ?? [];
  const scheme = named === undefined ? (secure ? 'https' : 'http') : schemes[named.toLowerCase()];
  const url = scheme === undefined ? null : URL.parse(`${scheme}://${rest}`);
  if (url === null || url.hostname === '' || scheme === undefined)
    throw new AccessError({
      id: 'linstor.badUrl',
      file: source,
      reason: `"${entry}" is not the address of a LINSTOR controller`,
      remedy: 'Write http://HOST:3370 or https://HOST:3371, several with commas between them',
    });
  // `URL` drops a port that is the scheme's own; only a port that was not written at all gets LINSTOR's.
  const hasPort = /^(\[[^\]]*\]|[^:/]*):\d+/.test(rest);
  const port = hasPort ? (url.port === '' ? '' : `:${url.port}`) : scheme === 'https' ? ':3371' : ':3370';
  return `${scheme}://${url.hostname}${port}${url.pathname.replace(/\/+$/, '')}`;
}
