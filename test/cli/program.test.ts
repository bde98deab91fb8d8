import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/cli/catalogue.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { runCli } from './run-cli.ts';

describe('pgctl', () => {
  test.each([[['--help']], [['help']], [[]]])('%j lists every command and every exit code', async (asked) => {
    const { exit, stdout } = await runCli(asked);
    expect(exit).toBe(0);
    for (const entry of catalogue.filter((shown) => shown.hidden !== true))
      expect(stdout).toContain(`  ${entry.path[0]} `);
    for (const { code, meaning } of Object.values(exitCodes)) expect(stdout).toContain(`  ${code}  ${meaning}`);
  });

  test.each([[['help', 'config', 'add-cluster']], [['config', 'add-cluster', '--help']]])(
    '%j shows what that command takes, with examples',
    async (words) => {
      const { exit, stdout } = await runCli(words);
      expect(exit).toBe(0);
      expect(stdout).toContain('Usage: pgctl config add-cluster');
      expect(stdout).toContain('--kubeconfig <FILE>');
      expect(stdout).toContain('Examples:');
    },
  );

  test.each([
    [['versio'], "unknown command 'versio'", 'Did you mean version?'],
    [['version', '--what'], "unknown option '--what'", 'pgctl version --help'],
    [['version', 'extra'], "too many arguments for 'version'", 'pgctl version --help'],
    [['version', '-o', 'xml'], 'Expected --output to be one of json, yaml, got "xml"', ''],
    [['config', 'add-cluster'], "required option '--name <NAME>' not specified", 'pgctl config add-cluster --help'],
    [['completion'], "missing required argument 'SHELL'", 'pgctl completion --help'],
    [['completion', 'tcsh'], 'Expected SHELL to be one of bash, zsh, fish, got "tcsh"', ''],
    [['version', '--config-dir', ''], '--config-dir must not be empty', ''],
  ])('a mistake on the command line is named and exits 2: %j', async (words, message, more) => {
    const { exit, stdout, stderr } = await runCli(words);
    expect(exit).toBe(exitCodes.usage.code);
    expect(stdout).toBe('');
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr).toContain(more);
  });

  test('an error is one JSON object on stderr when JSON was asked for', async () => {
    const { exit, stderr } = await runCli(['config', 'view', '-o', 'json'], { folder: '/nonexistent/pgctl' });
    expect(exit).toBe(exitCodes.usage.code);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'usage',
        exitCode: 2,
        message: 'pgctl is not configured yet',
        reason: '/nonexistent/pgctl/config does not exist',
        remedy: 'Create it: pgctl init (or name another folder with --config-dir or PGCTL_HOME)',
      },
    });
  });

  test('version names the program and its API', async () => {
    expect((await runCli(['version'])).stdout).toMatch(
      /^pgctl v\d+\.\d+\.\d+\nAPI siterecovery\.trilio\.io\/v1alpha1\n$/,
    );
    expect(JSON.parse((await runCli(['version', '-o', 'json'])).stdout)).toHaveProperty('version');
  });

  test('every catalogue entry loads a command of its own name, and every command is in the catalogue', async () => {
    const loaded = await Promise.all(catalogue.map(async (entry) => ({ entry, command: await entry.load() })));
    for (const { entry, command } of loaded) expect(command.name).toBe(entry.path.join(' '));
    expect(new Set(loaded.map(({ command }) => command)).size).toBe(catalogue.length);
  });

  // Drills keep the convention of test checkers: 0 pass, 1 fail, 2 unknown.
  test('exit codes are all different, but for drills that cannot tell', () => {
    const { cannotTell: _, ...others } = exitCodes;
    const codes = Object.values(others).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
