/** Characters that a message in a status may have: half of what the CRDs accept, and more than anybody reads. */
export const statusMessageMax = 16_384;

/** A message as a status carries it. A group of hundreds of VMs has more to say than the API server accepts. */
export function statusMessage(text: string): string {
  if (text.length <= statusMessageMax) return text;
  const rest = ` … (${text.length} characters in all)`;
  return text.slice(0, statusMessageMax - rest.length) + rest;
}
