import { describe, expect, test } from 'vitest';
import { openLiveLine } from '../../src/cli/live-line.ts';

/** A terminal of this width, on a clock that is moved by hand: what is drawn, as text. */
function openTerminal(columns: number, isTerminal = true) {
  let now = 0;
  let wake = (): void => undefined;
  const drawn: string[] = [];
  const stayed: string[] = [];
  const live = openLiveLine(
    {
      stderr: { isTerminal, columns, write: (text) => void drawn.push(text.replace('\r\u001B[2K', '')) },
      clock: {
        now: () => now,
        sleepUntil: (_at, signal) =>
          new Promise((resolve) => {
            wake = resolve;
            signal?.addEventListener('abort', () => resolve(), { once: true });
          }),
      },
    },
    (lines) => void stayed.push(...lines),
  );
  const pass = async (ms: number): Promise<void> => {
    now += ms;
    wake();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { live, drawn, stayed, pass };
}

describe('the moving line', () => {
  test('counts the seconds of what goes on, and starts anew with something else', async () => {
    const { live, drawn, pass } = openTerminal(80);
    live.show('Stopping VMs', 'vm-1');
    await pass(2_500);
    live.show('Stopping VMs', 'vm-2');
    live.show('Waiting for DRBD locks');
    live.end();
    expect(drawn).toEqual([
      '⠋ Stopping VMs (0s): vm-1',
      '⠙ Stopping VMs (2s): vm-1',
      '⠙ Stopping VMs (2s): vm-2',
      '⠙ Waiting for DRBD locks (0s)',
      '',
    ]);
  });

  test('never wraps', () => {
    const { live, drawn } = openTerminal(30);
    live.show('Waiting', 'x'.repeat(200));
    live.end();
    expect(Math.max(...drawn.map((line) => line.length))).toBe(29);
  });

  test('gives way to lines that stay, and comes back below them', () => {
    const { live, drawn, stayed } = openTerminal(80);
    live.show('Stopping VMs');
    live.print(['✓ vm-1 stopped']);
    live.end();
    expect(stayed).toEqual(['✓ vm-1 stopped']);
    expect(drawn).toEqual(['⠋ Stopping VMs (0s)', '', '⠋ Stopping VMs (0s)', '']);
  });

  test('may be shown again after its end, and moves', async () => {
    const { live, drawn, pass } = openTerminal(80);
    live.show('Stopping VMs');
    live.end();
    live.show('Rolling back');
    await pass(1_000);
    live.end();
    expect(drawn.at(-2)).toBe('⠙ Rolling back (1s)');
  });

  test('is nothing where no terminal is; lines stay as they are', () => {
    const { live, drawn, stayed } = openTerminal(80, false);
    live.show('Stopping VMs');
    live.print(['✓ vm-1 stopped']);
    live.end();
    expect({ drawn, stayed }).toEqual({ drawn: [], stayed: ['✓ vm-1 stopped'] });
  });
});
