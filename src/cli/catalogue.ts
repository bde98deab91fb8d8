import type { Command } from './command.ts';

/** How a command is found and listed without loading it. */
export interface CatalogueEntry {
  /** The words that call it. */
  readonly path: readonly string[];
  /** Other words for the last one. */
  readonly aliases?: readonly string[];
  /** One line for the list of commands. */
  readonly summary: string;
  /** Not listed in help; for shells. */
  readonly hidden?: boolean;
  readonly load: () => Promise<Command>;
}

const groupAliases = ['protectiongroups', 'pg', 'pgs'];

/** Commands that only group others, with their line in the list of commands. */
export const commandGroups: Readonly<Record<string, string>> = {
  config: 'Register clusters and look at the configuration',
  create: 'Create a protection group',
  get: 'Show protection groups',
  describe: 'Show everything about one protection group, or one operation',
  sync: 'Copy VM, PVC and PV definitions to the other cluster',
  validate: 'Check that everything is ready for a failover',
  verify: 'Compare the copies of a protection group block by block',
  delete: 'Stop protecting; VMs and their data stay',
  scenario: 'Look at scenario files',
  lab: 'Simulated clusters on this machine, to try everything on',
};

/** Every command, in the order of help. Each is loaded only when it is called. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    path: ['init'],
    summary: 'Create the configuration folder and its config file',
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  {
    path: ['config', 'add-cluster'],
    summary: 'Register a cluster under a name and a role',
    load: async () => (await import('./commands/config-add-cluster.ts')).configAddClusterCommand,
  },
  {
    path: ['config', 'test'],
    summary: 'Verify connectivity to all clusters',
    load: async () => (await import('./commands/config-test.ts')).configTestCommand,
  },
  {
    path: ['config', 'view'],
    summary: 'Show the settings in use and where they come from',
    load: async () => (await import('./commands/config-view.ts')).configViewCommand,
  },
  {
    path: ['config', 'remove-cluster'],
    summary: 'Forget a registered cluster',
    load: async () => (await import('./commands/config-remove-cluster.ts')).configRemoveClusterCommand,
  },
  {
    path: ['create', 'protectiongroup'],
    aliases: groupAliases,
    summary: 'Protect VMs together: validate, sync and create the group on both clusters',
    load: async () => (await import('./commands/create-protectiongroup.ts')).createProtectionGroupCommand,
  },
  {
    path: ['get', 'protectiongroup'],
    aliases: groupAliases,
    summary: 'Show one group, or all of a namespace',
    load: async () => (await import('./commands/get-protectiongroup.ts')).getProtectionGroupCommand,
  },
  {
    path: ['describe', 'protectiongroup'],
    aliases: groupAliases,
    summary: 'Show VMs, volumes, replication, conditions and history of a group',
    load: async () => (await import('./commands/describe-protectiongroup.ts')).describeProtectionGroupCommand,
  },
  {
    path: ['describe', 'failover'],
    aliases: ['failovers', 'fo'],
    summary: 'Show who ordered an operation, what each step and VM came to, and why it ended',
    load: async () => (await import('./commands/describe-failover.ts')).describeFailoverCommand,
  },
  {
    path: ['describe', 'recovery'],
    aliases: ['recoveries', 'rec'],
    summary: 'Show who ordered a recovery or comparison, what came of every two copies, and why it ended',
    load: async () => (await import('./commands/describe-recovery.ts')).describeRecoveryCommand,
  },
  {
    path: ['sync', 'vm'],
    aliases: ['vms', 'virtualmachine', 'virtualmachines'],
    summary: 'Copy the definitions of one VM to the other cluster',
    load: async () => (await import('./commands/sync-vm.ts')).syncVmCommand,
  },
  {
    path: ['sync', 'protectiongroup'],
    aliases: groupAliases,
    summary: 'Copy the definitions of all VMs of a group to the other cluster',
    load: async () => (await import('./commands/sync-protectiongroup.ts')).syncProtectionGroupCommand,
  },
  {
    path: ['validate', 'protectiongroup'],
    aliases: groupAliases,
    summary: 'Check that all resources exist and are correctly configured on both clusters',
    load: async () => (await import('./commands/validate-protectiongroup.ts')).validateProtectionGroupCommand,
  },
  {
    path: ['verify', 'protectiongroup'],
    aliases: groupAliases,
    summary: 'Compare every two copies of the volumes block by block, and record the result',
    load: async () => (await import('./commands/verify-protectiongroup.ts')).verifyProtectionGroupCommand,
  },
  {
    path: ['failover'],
    summary: 'Move a protection group, or many of them, to the other cluster',
    load: async () => (await import('./commands/failover.ts')).failoverCommand,
  },
  {
    path: ['failback'],
    summary: 'Return a protection group, or many of them, to the primary cluster',
    load: async () => (await import('./commands/failback.ts')).failbackCommand,
  },
  {
    path: ['recover'],
    summary: 'Show how the copies of a group stand to each other, and the way back together',
    load: async () => (await import('./commands/recover.ts')).recoverCommand,
  },
  {
    path: ['cancel'],
    summary: 'Give up the operation that moves a group, while it can still turn back',
    load: async () => (await import('./commands/cancel.ts')).cancelCommand,
  },
  {
    path: ['history'],
    summary: 'Show the operations on one group, or on all of a namespace',
    load: async () => (await import('./commands/history.ts')).historyCommand,
  },
  {
    path: ['delete', 'protectiongroup'],
    aliases: groupAliases,
    summary: 'Stop protecting a group; VMs, claims and volumes stay',
    load: async () => (await import('./commands/delete-protectiongroup.ts')).deleteProtectionGroupCommand,
  },
  {
    path: ['lab', 'up'],
    summary: 'Bring up simulated clusters that kubectl and pgctl can talk to',
    load: async () => (await import('./commands/lab-up.ts')).labUpCommand,
  },
  {
    path: ['lab', 'status'],
    summary: 'Show where a lab is and which faults are on',
    load: async () => (await import('./commands/lab-status.ts')).labStatusCommand,
  },
  {
    path: ['lab', 'fault'],
    summary: 'Break something in a lab, or mend it (list, heal)',
    load: async () => (await import('./commands/lab-fault.ts')).labFaultCommand,
  },
  {
    path: ['lab', 'down'],
    summary: 'End a lab and remove what it made',
    load: async () => (await import('./commands/lab-down.ts')).labDownCommand,
  },
  {
    path: ['drill'],
    summary: 'Drill failovers in the simulated world under random faults',
    load: async () => (await import('./commands/drill.ts')).drillCommand,
  },
  {
    path: ['drill', 'soak'],
    summary: 'Move a group there and back again and again in one world',
    load: async () => (await import('./commands/drill-soak.ts')).drillSoakCommand,
  },
  {
    path: ['drill', 'sweep'],
    summary: 'Crash at every effect, and show the past at every look',
    load: async () => (await import('./commands/drill-sweep.ts')).drillSweepCommand,
  },
  {
    path: ['drill', 'explore'],
    summary: 'Search a small world whole: every order in which things can happen',
    load: async () => (await import('./commands/drill-explore.ts')).drillExploreCommand,
  },
  {
    path: ['drill', 'merge'],
    summary: 'Join the results of the parts of a drill',
    load: async () => (await import('./commands/drill-merge.ts')).drillMergeCommand,
  },
  {
    path: ['drill', 'mutants'],
    summary: 'Plant bugs, one at a time, and see whether drills find them',
    load: async () => (await import('./commands/drill-mutants.ts')).drillMutantsCommand,
  },
  {
    path: ['replay'],
    summary: 'Play a scenario file and show what happens',
    load: async () => (await import('./commands/replay.ts')).replayCommand,
  },
  {
    path: ['scenario', 'validate'],
    summary: 'Check that a file is a scenario',
    load: async () => (await import('./commands/scenario-validate.ts')).scenarioValidateCommand,
  },
  {
    path: ['version'],
    summary: 'Show the version of pgctl',
    load: async () => (await import('./commands/version.ts')).versionCommand,
  },
  {
    path: ['completion'],
    summary: 'Print the shell completion script for bash, zsh or fish',
    load: async () => (await import('./commands/completion.ts')).completionCommand,
  },
  {
    path: ['__complete'],
    hidden: true,
    summary: 'Print completions for the words typed so far',
    load: async () => (await import('./commands/complete.ts')).completeCommand,
  },
];
