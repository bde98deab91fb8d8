import { describe, expect, test } from 'vitest';
import { runProgram } from '../../../../src/drivers/sim/satellite-shell/shell.ts';
import { drbdCommands } from '../../../../src/model/drbd-command.ts';
import { ShellLab } from './shell-lab.ts';

const hour = 3_600_000;

/** A split brain: both have written while they were apart. */
function splitBrain(): ShellLab {
  const lab = new ShellLab();
  lab.kernel.setLink('a', 'b', false, { silent: false });
  for (const node of ['a', 'b']) {
    lab.kernel.open('vol', node, 'writer', 'rw');
    lab.kernel.write('vol', node, 'writer');
    lab.kernel.close('vol', node, 'writer');
  }
  lab.kernel.setLink('a', 'b', true);
  lab.clock.pass(hour);
  return lab;
}

describe('drbdsetup', () => {
  test('status leaves out what is in order', () => {
    const lab = new ShellLab();
    expect(lab.type('a', 'drbdsetup status vol').stdout).toBe(
      'vol role:Secondary\n  disk:UpToDate open:no\n  b role:Secondary\n    peer-disk:UpToDate\n\n',
    );
    lab.kernel.setLink('a', 'b', false, { silent: false });
    expect(lab.type('a', 'drbdsetup status').stdout).toContain('\n  b connection:Connecting\n');
  });

  test('status --json is the kernel model’s own report', () => {
    const lab = new ShellLab();
    expect(JSON.parse(lab.type('a', 'drbdsetup status vol --json').stdout)).toEqual(lab.kernel.status('a'));
  });

  test('get-gi tells the generation with twelve flags, and nothing of a node without a disk', () => {
    const lab = new ShellLab(['a', 'b', 'tb']);
    const [current = '', ...rest] = lab.type('a', 'drbdsetup get-gi vol 1 0').stdout.trim().split(':');
    expect(current).toBe(lab.on('a').metadata.current);
    expect(rest.join(':')).toBe('0000000000000000:0000000000000000:0000000000000000:1:1:0:0:0:0:0:1:0:0:0:1');
    expect(lab.type('tb', 'drbdsetup get-gi vol 0 0')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'Device has no disk\n',
    });
    expect(lab.type('a', 'drbdsetup get-gi vol 7 0')).toMatchObject({
      exitCode: 10,
      stderr: 'vol: No such peer device\n',
    });
  });

  test('what is not there is said as the program says it', () => {
    const lab = new ShellLab();
    expect(lab.type('a', 'drbdsetup status other')).toMatchObject({
      exitCode: 10,
      stderr: 'other: No such resource\n',
    });
    expect(lab.type('a', 'drbdsetup primary other')).toMatchObject({
      exitCode: 10,
      stderr: 'other: Failure: (158) Unknown resource\n',
    });
    expect(lab.type('a', 'drbdsetup frobnicate vol')).toMatchObject({ exitCode: 20, stderr: '' });
    expect(lab.type('a', 'drbdsetup frobnicate vol').stdout).toMatch(/\ninvalid command\n$/);
    expect(lab.type('a', 'drbdsetup constructor')).toMatchObject({ exitCode: 20 });
  });

  test('a resource that is down is none for it, and one for drbdadm', () => {
    const lab = new ShellLab();
    expect(lab.type('a', 'drbdadm down vol').exitCode).toBe(0);
    expect(lab.type('a', 'drbdsetup events2 --now vol').stdout).toBe('exists -\n');
    expect(lab.type('a', 'drbdsetup secondary vol').exitCode).toBe(10);
    expect(lab.type('a', 'drbdadm adjust vol').exitCode).toBe(0);
    lab.clock.pass(hour);
    expect(lab.link('a', 'b')).toBe('Connected/Secondary/Established/UpToDate');
  });
});

describe('drbdadm', () => {
  test('names the command of drbdsetup that failed', () => {
    const lab = new ShellLab(['a', 'b', 'tb']);
    expect(lab.type('a', 'drbdadm connect --discard-my-data vol:tb')).toEqual({
      exitCode: 10,
      stdout: '',
      stderr:
        'vol: Failure: (125) Device has a net-config (use disconnect first)\n' +
        "Command 'drbdsetup connect vol 2 --discard-my-data' terminated with exit code 10\n",
    });
  });

  test('does not know resources, peers and commands that are nowhere written', () => {
    const lab = new ShellLab();
    expect(lab.type('a', 'drbdadm connect vol:z')).toMatchObject({
      exitCode: 3,
      stderr: "'vol:z' not defined in your config (for this host).\n",
    });
    expect(lab.type('a', 'drbdadm frobnicate vol')).toMatchObject({
      exitCode: 3,
      stderr: "drbdadm: Unknown command 'frobnicate'\n",
    });
  });
});

describe('the commands that recovery is made of', () => {
  test('settle a split brain: the victim gives its data up', () => {
    const lab = splitBrain();
    expect(lab.on('a').peers.get('b')?.connection).toBe('StandAlone');
    expect(lab.run('b', ...drbdCommands.connectDiscarding('vol', 'a').program).exitCode).toBe(0);
    expect(lab.run('a', ...drbdCommands.connect('vol', 'b').program).exitCode).toBe(0);
    lab.clock.pass(hour);
    expect(lab.link('a', 'b')).toBe('Connected/Secondary/Established/UpToDate');
    expect(lab.on('b').data).toEqual(lab.on('a').data);
  });

  test('promote without quorum only by force', () => {
    const lab = new ShellLab(['a', 'b'], { quorum: 'majority' });
    lab.kernel.crashNode('a');
    lab.clock.pass(hour);
    expect(lab.type('b', 'drbdsetup primary vol')).toMatchObject({
      exitCode: 11,
      stderr:
        'vol: State change failed: (-25) No quorum\nadditional info from kernel:\n1 of 2 nodes visible, need 2 for quorum\n',
    });
    expect(lab.run('b', ...drbdCommands.forcePrimary('vol').program).exitCode).toBe(0);
    expect(lab.type('b', 'drbdadm role vol').stdout).toBe('Primary\n');
    expect(lab.run('b', ...drbdCommands.demote('vol').program).exitCode).toBe(0);
  });

  test('verify tells how far it is, and marks what differs', () => {
    const lab = new ShellLab();
    lab.on('a').data.push(4711, 4711);
    expect(lab.run('a', ...drbdCommands.verify('vol', { node: 'b', nodeId: 1 }).program).exitCode).toBe(0);
    lab.clock.pass(300);
    expect(lab.type('a', 'drbdsetup status vol').stdout).toMatch(
      /replication:VerifyS peer-disk:UpToDate done:\d+\.\d\d\n/,
    );
    lab.clock.pass(hour);
    expect(lab.type('a', 'drbdsetup events2 --now --statistics vol').stdout).toContain(' out-of-sync:4 ');
    expect(lab.run('b', ...drbdCommands.invalidateMarked(1000).program).exitCode).toBe(0);
    lab.clock.pass(hour);
    expect(lab.on('b').data).toEqual(lab.on('a').data);
  });
});

describe('sh', () => {
  test('runs a line of one command, and says that it is no more than that', () => {
    const lab = new ShellLab();
    expect(lab.run('a', 'sh', '-c', 'drbdadm role vol')).toEqual({ exitCode: 0, stdout: 'Secondary\n', stderr: '' });
    expect(lab.run('a', 'sh', '-c', 'frobnicate')).toMatchObject({ exitCode: 127 });
    expect(lab.run('a', 'sh', '-c', 'drbdadm role vol; drbdadm down vol')).toMatchObject({ exitCode: 2 });
    expect(lab.on('a').running).toBe(true);
  });

  test('and other programs are not there', () => {
    const lab = new ShellLab();
    expect(runProgram({ kernel: lab.kernel, node: 'a', now: 0 }, ['bash'])).toBeUndefined();
  });
});
