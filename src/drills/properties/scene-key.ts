/** What a scene notes, each in words that a report may use. */
export const sceneKey = {
  executes: (vm: string, site: string): string => `${vm} executes on ${site}`,
  standsStill: (vm: string, site: string): string => `${vm} does not execute on ${site}`,
  launcher: (vm: string, site: string): string => `a launcher of ${vm} is left on ${site}`,
  attached: (volume: string, site: string): string => `${volume} is attached on ${site}`,
  primary: (volume: string, site: string): string => `${volume} is Primary on ${site}`,
  notCurrent: (volume: string, site: string): string => `${volume} on ${site} is not UpToDate or does not follow`,
  tainted: (node: string): string => `${node} carries a quorum taint`,
  toldToRun: (group: string, site: string): string => `${group} is told to run on ${site}`,
  toldToStop: (group: string, site: string): string => `${group} is told to stay stopped on ${site}`,
  driven: (operation: string): string => `${operation} is driven by somebody`,
  givenUp: (operation: string): string => `${operation} is given up`,
  lacks: (kind: string, name: string, site: string): string => `${kind} ${name} is not on ${site}`,
} as const;
