/** Where a node is, as CSI tells it: `{ 'linbit.com/hostname': 'node-a1', site: 'primary' }`. */
export type Segments = Readonly<Record<string, string>>;

/** `allowRemoteVolumeAccess`: each rule lets in the nodes that are in the same place as a copy, by these keys. */
export type AccessPolicy = readonly AccessRule[];

export interface AccessRule {
  readonly fromSame: readonly string[];
}

export const hostnameKey = 'linbit.com/hostname';

export const accessFromAnywhere: AccessPolicy = [{ fromSame: [] }];
const accessFromCopies: AccessPolicy = [{ fromSame: [hostnameKey] }];

/**
 * Reads `true`, `false` or a YAML list of rules (`pkg/volume/remoteaccess.go`); answers an Error with the text of the
 * YAML reader for anything else.
 */
export function readAccessPolicy(text: string): AccessPolicy | Error {
  if (trueTexts.has(text)) return accessFromAnywhere;
  if (falseTexts.has(text)) return accessFromCopies;
  const rules: { fromSame: string[] }[] = [];
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const [, rule, key] = /^(- fromSame:)\s*$|^ +- (\S+)\s*$/.exec(line) ?? [];
    const last = rules.at(-1);
    if (rule !== undefined) rules.push({ fromSame: [] });
    else if (key !== undefined && last !== undefined) last.fromSame.push(key);
    else {
      const fault = `cannot unmarshal !!str \`${text}\` into []volume.RemoteAccessPolicyRule`;
      return new Error(`yaml: unmarshal errors:\n  line 1: ${fault}`);
    }
  }
  return rules;
}

/** The policy as it stands in the attributes of a volume. */
export function accessPolicyText(policy: AccessPolicy): string {
  if (policy === accessFromAnywhere) return 'true';
  if (policy === accessFromCopies) return 'false';
  return policy.map(({ fromSame }) => `- fromSame:\n${fromSame.map((key) => `    - ${key}\n`).join('')}`).join('');
}

/** From where a place may be reached. A key that the place does not have leaves an empty segment: from everywhere. */
export function accessibleSegments(policy: AccessPolicy, place: Segments): readonly Segments[] {
  return withoutNarrower(
    policy.map(({ fromSame }) =>
      Object.fromEntries(fromSame.flatMap((key) => (place[key] === undefined ? [] : [[key, place[key]]]))),
    ),
  );
}

/** Segments without those that a wider one among them covers; the wider ones first. */
export function withoutNarrower(segments: readonly Segments[]): readonly Segments[] {
  const kept: Segments[] = [];
  for (const each of segments.toSorted((a, b) => Object.keys(a).length - Object.keys(b).length)) {
    if (!kept.some((wider) => Object.entries(wider).every(([key, value]) => each[key] === value))) kept.push(each);
  }
  return kept;
}

// What `strconv.ParseBool` of Go takes.
const trueTexts: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falseTexts: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);
